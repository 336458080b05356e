"""Files in an S3 bucket, or one of a store that speaks its protocol (S3_ENDPOINT_URL)."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from core.errors import DrumbeatError, NotFound, VendorRejected, VendorThrottled, VendorUnauthorized, VendorUnavailable
from core.settings import Settings
from providers.contracts.storage import Blob
from providers.storage.keys import Measured, checked

_CHUNK = 256 * 1024
_PART = 8 * 1024 * 1024
_TRANSFER = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART, max_concurrency=4)
_VARIABLES = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and S3_BUCKET_NAME"


class S3Storage:
    """A Storage. Large files go in parts; a failed upload is aborted and leaves what was there before."""

    vendor = "s3"

    def __init__(self, settings: Settings) -> None:
        self._bucket, self._cdn = settings.s3_bucket_name, settings.cdn_domain
        self._client = _client(settings, settings.s3_endpoint_url)
        # A presigned link is signed for the host it names, so that a browser's name of the store needs a signer of its own.
        self._signer = _client(settings, settings.s3_public_url) if settings.s3_public_url else self._client

    def put(self, key: str, source: BinaryIO, *, media_type: str, limit: int | None = None) -> Blob:
        measured = Measured(source, limit)
        with _told(key):
            self._client.upload_fileobj(measured, self._bucket, checked(key), ExtraArgs={"ContentType": media_type}, Config=_TRANSFER)
        return measured.blob(key, media_type)

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        ranged = {}
        if start or length is not None:
            size = self.size(key)
            end = size if length is None else min(start + length, size)
            if start >= end:
                return iter(())
            ranged = {"Range": f"bytes={start}-{end - 1}"}
        with _told(key):
            body = self._client.get_object(Bucket=self._bucket, Key=checked(key), **ranged)["Body"]
        return _chunks(body, key)

    def download(self, key: str, path: Path) -> None:
        with path.open("wb") as target:
            for chunk in self.open(key):
                target.write(chunk)

    def size(self, key: str) -> int:
        with _told(key):
            return int(self._client.head_object(Bucket=self._bucket, Key=checked(key))["ContentLength"])

    def delete(self, key: str) -> None:
        with _told(key):
            self._client.delete_object(Bucket=self._bucket, Key=checked(key))

    def link(self, key: str, *, seconds: int, media_type: str = "", filename: str = "") -> str:
        """A presigned URL. With CDN_DOMAIN its host is the CDN's, which must pass the query on and use the bucket's host itself."""
        asked = {"Bucket": self._bucket, "Key": checked(key)}
        if media_type:
            asked["ResponseContentType"] = media_type
        if filename:
            plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in filename)
            asked["ResponseContentDisposition"] = f'attachment; filename="{plain}"'
        with _told(key):
            url: str = self._signer.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)
        return urlsplit(url)._replace(scheme="https", netloc=self._cdn).geturl() if self._cdn else url

    def check(self) -> None:
        key = f"checks/{uuid.uuid4().hex}"
        self.put(key, io.BytesIO(b"drumbeat"), media_type="text/plain")
        found = b"".join(self.open(key))
        self.delete(key)
        if found != b"drumbeat":
            raise VendorRejected(f"the bucket {self._bucket} does not give back what was written", vendor=self.vendor)


def _client(settings: Settings, endpoint: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=settings.aws_region,
        aws_access_key_id=settings.aws_access_key_id.get_secret_value() or None,  # None: the machine's own role
        aws_secret_access_key=settings.aws_secret_access_key.get_secret_value() or None,
        config=_config(settings),
    )


def _config(settings: Settings) -> Config:
    """Stores that only speak the protocol take neither the bucket in the host name nor checksums as trailers."""
    own = bool(settings.s3_endpoint_url)
    return Config(
        signature_version="s3v4",
        connect_timeout=5,
        read_timeout=settings.vendor_timeout_seconds,
        retries={"mode": "standard", "total_max_attempts": 3},
        s3={"addressing_style": "path" if own else "virtual"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


def _chunks(body: Any, key: str) -> Iterator[bytes]:
    with _told(key):
        yield from body.iter_chunks(_CHUNK)


@contextmanager
def _told(key: str) -> Iterator[None]:
    """boto's errors as ours."""
    try:
        yield
    except ClientError as error:
        raise _refusal(key, error) from error
    except (BotoCoreError, Boto3Error) as error:
        if isinstance(error.__cause__ or error.__context__, ClientError):
            raise _refusal(key, error.__cause__ or error.__context__) from error
        raise VendorUnavailable(f"could not be reached: {error}", vendor="s3") from error


def _refusal(key: str, error: Any) -> DrumbeatError:
    status, told = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response.get("Error", {})
    detail = f"{status} {told.get('Code', '')}: {told.get('Message', '')}"[:300]
    if told.get("Code") == "NoSuchBucket":
        return VendorRejected(detail, vendor="s3", hint="Make the bucket, or correct S3_BUCKET_NAME.")
    if status == 404:
        return NotFound(f"there is no file {key}")
    if status in (401, 403):
        return VendorUnauthorized(detail, vendor="s3", hint=f"Check {_VARIABLES}, and that the key may read, write and delete.")
    if status == 429 or told.get("Code") == "SlowDown":
        return VendorThrottled(detail, vendor="s3")
    return (VendorUnavailable if status >= 500 else VendorRejected)(detail, vendor="s3")
