"""Assets: uploaded, looked at, listed, searched, versioned, served, removed."""

from __future__ import annotations

import base64
import io
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from core.settings import get_settings
from models import StoredFile
from models.session import engine_session
from tests.api.conftest import Api, png

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def test_an_upload_becomes_an_asset(admin: Api, make_campaign: Callable[..., str]) -> None:
    """Kind, type and size come from the file's content; its row in the store is committed with the asset."""
    campaign = make_campaign()
    answer = admin.upload(campaign_id=campaign, name="Our drum")
    assert answer.status_code == 201
    asset = answer.json
    assert (asset["kind"], asset["name"], asset["campaign_id"], asset["version"]) == ("image", "Our drum", campaign, 1)
    assert (asset["current"]["media_type"], asset["current"]["width"], asset["current"]["height"]) == ("image/png", 8, 6)
    with engine_session() as session:
        kept = session.execute(select(StoredFile).where(StoredFile.sha256 == asset["current"]["sha256"])).scalars().all()
    assert kept[-1].committed_at is not None


def test_a_table_is_a_document(admin: Api) -> None:
    """A sales history in CSV is taken, and offered for saving when it is fetched."""
    asset = admin.upload(content=b"date,revenue,search\n2026-01-05,100,5\n", filename="sales.csv").json
    assert (asset["kind"], asset["current"]["media_type"]) == ("document", "text/csv")
    assert admin.get(f"/v1/assets/{asset['id']}/content").headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (SVG, 415, "unsupported_media"),
        (b"<html>", 415, "unsupported_media"),
        (b"", 415, "unsupported_media"),
        (png()[:40], 422, "media_unreadable"),
    ],
)
def test_files_that_are_not_taken(admin: Api, content: bytes, status: int, code: str) -> None:
    """Scripts in disguise, empty and broken files are refused, whatever they are called."""
    answer = admin.upload(content=content, filename="picture.png")
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_form_without_a_file(admin: Api) -> None:
    """A missing part and a body that is no form are told apart."""
    assert admin.call("POST", "/v1/assets", data={"name": "x"}, content_type="multipart/form-data").json["errors"][0]["pointer"] == "/file"
    assert admin.post("/v1/assets", {"file": "x"}).json["code"] == "malformed_request"


def test_a_file_over_the_limit(admin: Api, configure: Callable[..., None]) -> None:
    """More than MAX_UPLOAD_BYTES is answered 413; JSON bodies keep their own, smaller limit."""
    configure(MAX_UPLOAD_BYTES="100000", MAX_BODY_BYTES="2000")
    assert admin.upload(content=png() + b"\0" * 3000).status_code == 201
    assert admin.upload(content=png() + b"\0" * 200_000).json["code"] == "payload_too_large"


def test_lists_by_campaign_kind_and_text(admin: Api, make_campaign: Callable[..., str]) -> None:
    """Filters narrow the list; text is found in names and tags, taken literally."""
    campaign = make_campaign()
    drum, flute = (admin.upload(name=name).json["id"] for name in ("100% drum", "flute"))
    mine = admin.upload(campaign_id=campaign, name="hat").json["id"]
    admin.patch(f"/v1/assets/{flute}", {"tags": {"mood": "airy"}})

    def found(query: str) -> list[str]:
        return [asset["id"] for asset in admin.get(f"/v1/assets?{query}").json["items"]]

    assert found(f"campaign_id={campaign}") == [mine]
    assert (found("q=DRUM"), found("q=airy"), found("q=0%25"), found("q=%25f")) == ([drum], [flute], [drum], [])
    assert (found("kind=video"), found("kind=image")) == ([], [mine, flute, drum])


def test_content_is_served_safely(admin: Api) -> None:
    """The bytes come with their type, a safe name, and headers that keep them from acting as a page of ours."""
    asset = admin.upload(name='dr"um\n ü.png').json["id"]
    answer = admin.get(f"/v1/assets/{asset}/content")
    assert (answer.data, answer.mimetype, answer.headers["X-Content-Type-Options"]) == (png(), "image/png", "nosniff")
    assert answer.headers["Content-Disposition"] == "inline; filename=\"dr_um_ _.png\"; filename*=UTF-8''dr%22um%0A%20%C3%BC.png"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert admin.get(f"/v1/assets/{asset}/content?download=1").headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("asked", "status", "start", "stop"),
    [("bytes=0-9", 206, 0, 10), ("bytes=-5", 206, -5, None), ("bytes=10-", 206, 10, None), ("bytes=0-1,4-5", 200, 0, None)],
)
def test_ranges(admin: Api, asked: str, status: int, start: int, stop: int | None) -> None:
    """One range is answered as asked; several are answered with the whole."""
    asset = admin.upload().json["id"]
    answer = admin.get(f"/v1/assets/{asset}/content", headers={"Range": asked})
    assert (answer.status_code, answer.data) == (status, png()[start:stop])


def test_a_range_past_the_end(admin: Api) -> None:
    """A range that holds nothing is 416 with the file's size."""
    asset = admin.upload().json["id"]
    answer = admin.get(f"/v1/assets/{asset}/content", headers={"Range": "bytes=999999-"})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(png())}")


def test_what_a_client_has_is_not_sent_again(admin: Api) -> None:
    """ETag and If-None-Match: 304; a range of an older version (If-Range) gets the whole new file."""
    asset = admin.upload().json["id"]
    etag = admin.get(f"/v1/assets/{asset}/content").headers["ETag"]
    assert admin.get(f"/v1/assets/{asset}/content", headers={"If-None-Match": etag}).status_code == 304
    stale = {"Range": "bytes=0-3", "If-Range": '"older"'}
    assert admin.get(f"/v1/assets/{asset}/content", headers=stale).status_code == 200
    assert admin.get(f"/v1/assets/{asset}/content", headers=stale | {"If-Range": etag}).status_code == 206


def test_versions(admin: Api) -> None:
    """A new version becomes the current one; the earlier ones stay to be had."""
    asset = admin.upload().json["id"]
    newer = admin.upload(f"/v1/assets/{asset}/versions", png("red"))
    assert (newer.status_code, newer.json["version"]) == (201, 2)
    assert [row["number"] for row in admin.get(f"/v1/assets/{asset}/versions").json["items"]] == [2, 1]
    assert admin.get(f"/v1/assets/{asset}/content").data == png("red")
    assert admin.get(f"/v1/assets/{asset}/content?version=1").data == png()
    assert admin.get(f"/v1/assets/{asset}/content?version=3").status_code == 404


def test_a_version_of_another_kind(admin: Api) -> None:
    """An image does not become a document."""
    asset = admin.upload().json["id"]
    assert admin.upload(f"/v1/assets/{asset}/versions", b"%PDF-1.7\n%%EOF\n", "a.pdf").json["code"] == "unsupported_media"


def test_a_removed_asset_is_gone_from_sight(admin: Api) -> None:
    """Soft delete: not listed, not shown, not served, not removed twice."""
    asset = admin.upload().json["id"]
    assert admin.delete(f"/v1/assets/{asset}").status_code == 204
    assert admin.get("/v1/assets").json["items"] == []
    assert {admin.get(f"/v1/assets/{asset}{part}").status_code for part in ("", "/content", "/versions")} == {404}
    assert admin.delete(f"/v1/assets/{asset}").status_code == 404


def test_a_signed_link_works_without_a_login(admin: Api, anonymous: Api) -> None:
    """The link in an asset opens the file for anybody; changed in any part it opens nothing."""
    link = admin.get(f"/v1/assets/{admin.upload().json['id']}").json["link"]
    assert link.startswith(get_settings().public_url)
    path = urlsplit(link)._replace(scheme="", netloc="").geturl()
    assert anonymous.get(path).data == png()
    assert anonymous.get(path, headers={"Range": "bytes=0-3"}).data == png()[:4]
    for changed in (
        path.replace("signature=", "signature=0"),
        path.replace("expires=", "expires=1"),
        path.replace(".png", ".gif"),
        path.split("?")[0],
    ):
        assert anonymous.get(changed).status_code == 403


def test_tags_and_names_have_limits(admin: Api) -> None:
    """Tags are short texts under short names."""
    asset = admin.upload().json["id"]
    answer = admin.patch(f"/v1/assets/{asset}", {"name": "", "tags": {"a" * 101: "x", "ok": "y" * 201}})
    assert {fault["pointer"].split("/")[1] for fault in answer.json["errors"]} == {"name", "tags"}


def test_many_uploads_are_paged(admin: Api) -> None:
    """The cursor goes through all assets once."""
    made = [admin.upload(name=f"{n}").json["id"] for n in range(3)]
    first = admin.get("/v1/assets?limit=2").json
    rest = admin.get(f"/v1/assets?limit=2&cursor={first['next_cursor']}").json
    assert [asset["id"] for asset in first["items"] + rest["items"]] == made[::-1]
    assert uuid.UUID(made[0])


def test_a_form_of_many_parts_is_refused(admin: Api) -> None:
    """Each part would be a file held open."""
    parts = {f"file{n}": (io.BytesIO(b"x"), "x.png") for n in range(50)}
    assert admin.call("POST", "/v1/assets", data=parts, content_type="multipart/form-data").status_code == 413


def test_a_cursor_out_of_time_is_refused(admin: Api) -> None:
    """A moment that no clock shows is told as a faulty cursor."""
    moment = f"0001-01-01T00:00:00+23:59|{uuid.uuid4()}"
    cursor = base64.urlsafe_b64encode(moment.encode()).decode().rstrip("=")
    assert admin.get(f"/v1/assets?cursor={cursor}").status_code == 422
