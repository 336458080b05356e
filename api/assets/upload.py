"""Uploads: streamed to a temporary file, looked at, stored, and only then made an asset."""

from __future__ import annotations

import mimetypes
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from flask import Request, request
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from api.assets.schemas import UploadFields
from api.auth.caller import caller
from api.validation import checked
from core.errors import InvalidInput, MalformedRequest, NotFound
from core.settings import get_settings
from models import AssetVersion, Campaign, StoredFile
from models.session import org_session
from providers import registry
from providers.contracts.storage import Blob
from providers.sniff import Sniffed, sniff

ENVELOPE = 64 * 1024  # bytes of multipart headers and text fields around a file
MOST_PARTS = 10  # each part that is a file takes a file descriptor

FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
        "name": {"type": "string", "maxLength": 200},
        "campaign_id": {"type": "string", "format": "uuid"},
    },
}


class UploadRequest(Request):
    """A request whose files go straight to named temporary files, gone with the request."""

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None, content_length: int | None = None
    ) -> IO[bytes]:
        return tempfile.NamedTemporaryFile(prefix="drumbeat-upload-")


@dataclass(frozen=True)
class Upload:
    """A stored file that no asset owns yet."""

    fields: UploadFields
    filename: str
    sniffed: Sniffed
    blob: Blob

    @property
    def kind(self) -> str:
        group = self.sniffed.media_type.split("/")[0]
        return group if group in ("image", "audio", "video") else "document"


def receive() -> Upload:
    """Read, check and store the request's file. Raises PayloadTooLarge, UnsupportedMedia, MediaUnreadable.

    The row of the stored file comes first: what a crash leaves behind is found and removed as an orphan.
    """
    file, fields = _parts()
    _check_campaign(fields)
    sniffed = sniff(Path(cast("Any", file.stream).name))
    key = f"{caller().org_id}/uploads/{uuid.uuid4().hex}{mimetypes.guess_extension(sniffed.media_type) or ''}"
    with org_session(caller().org_id) as session:
        session.add(StoredFile(org_id=caller().org_id, key=key, bytes=0, sha256="", media_type=sniffed.media_type))
    file.stream.seek(0)
    limit = get_settings().max_upload_bytes
    blob = registry.storage().put(key, cast("Any", file.stream), media_type=sniffed.media_type, limit=limit)
    return Upload(fields, (file.filename or "file")[:200], sniffed, blob)


def _parts() -> tuple[FileStorage, UploadFields]:
    request.max_content_length = get_settings().max_upload_bytes + ENVELOPE
    request.max_form_parts = MOST_PARTS
    if request.mimetype != "multipart/form-data":
        raise MalformedRequest(
            f"The body is {request.mimetype or 'of no type'}, not a form", hint="Send multipart/form-data with a part named file."
        )
    file = request.files.get("file")
    if file is None:
        raise InvalidInput("There is no file in the form", errors=[{"pointer": "/file", "detail": "is missing"}])
    return file, checked(UploadFields, request.form.to_dict())


def _check_campaign(fields: UploadFields) -> None:
    if fields.campaign_id:
        with org_session(caller().org_id) as session:
            if session.get(Campaign, fields.campaign_id) is None:
                raise NotFound(
                    f"There is no campaign {fields.campaign_id}", errors=[{"pointer": "/campaign_id", "detail": "no such campaign"}]
                )


def version_of(session: Session, upload: Upload, asset_id: uuid.UUID, number: int) -> AssetVersion:
    """The upload as an asset's version; its file belongs to somebody from this commit on."""
    blob, sniffed = upload.blob, upload.sniffed
    session.execute(
        update(StoredFile)
        .where(StoredFile.key == blob.key)
        .values(bytes=blob.bytes, sha256=blob.sha256, committed_at=select(func.clock_timestamp()).scalar_subquery())
    )
    version = AssetVersion(
        org_id=caller().org_id,
        asset_id=asset_id,
        number=number,
        storage_key=blob.key,
        sha256=blob.sha256,
        bytes=blob.bytes,
        media_type=blob.media_type,
        width=sniffed.width,
        height=sniffed.height,
        duration_seconds=sniffed.duration_seconds,
        facts={"filename": upload.filename},
    )
    session.add(version)
    session.flush()
    return version
