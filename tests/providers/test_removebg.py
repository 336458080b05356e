"""The client of remove.bg against the played one."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from PIL import Image

from core.errors import DrumbeatError, InvalidInput, OutcomeUnknown, VendorRejected, VendorThrottled, VendorUnauthorized, VendorUnavailable
from providers import registry
from providers.contracts.background import BackgroundRemover, MatteRequest
from sandbox.env import removebg_environment
from tests.providers import media
from tests.providers.conftest import Behaviour, LocalServer, answering
from tests.sandbox.test_removebg import picture
from tests.stack import SandboxProcess

REQUEST = MatteRequest(picture(), "image/png")
Serve = Callable[[Behaviour], LocalServer]
Configure = Callable[..., None]


@pytest.fixture
def remover(sandbox: SandboxProcess, configure: Configure) -> BackgroundRemover:
    configure(**removebg_environment(sandbox.url))
    found = registry.background_remover()
    assert found
    return found


def at(server: LocalServer, configure: Configure) -> BackgroundRemover:
    configure(REMOVEBG_API_KEY="a-secret-key", REMOVEBG_BASE_URL=server.url)
    found = registry.background_remover()
    assert found
    return found


def test_a_matte_comes_in_the_pictures_size_with_its_price(remover: BackgroundRemover, sandbox: SandboxProcess) -> None:
    """One credit, entered once."""
    answer = remover.matte(REQUEST)
    assert answer.content
    with Image.open(io.BytesIO(answer.content)) as matte:
        assert (matte.mode, matte.size, matte.getpixel((60, 40))) == ("L", (120, 80), 255)
    assert answer.cost == remover.estimate(REQUEST) > 0
    assert len(sandbox.ledger(vendor="removebg")) == 1 and remover.simulated


def test_no_foreground_is_an_answer_that_costs_nothing(remover: BackgroundRemover) -> None:
    """Not a fault: the matte is empty."""
    answer = remover.matte(MatteRequest(picture(colour=None), "image/png"))
    assert (answer.content, answer.cost) == (None, Decimal(0))


@pytest.mark.parametrize(
    ("mode", "error"),
    [("throttle", VendorThrottled), ("error", VendorUnavailable), ("unauthorized", VendorUnauthorized), ("lose_answer", OutcomeUnknown)],
)
def test_every_failure_has_its_error(remover: BackgroundRemover, sandbox: SandboxProcess, mode: str, error: type[DrumbeatError]) -> None:
    """As for every vendor."""
    sandbox.fault(vendor="removebg", mode=mode, times=1)
    with pytest.raises(error):
        remover.matte(REQUEST)


def test_a_wrong_key_names_its_variable(remover: BackgroundRemover, configure: Configure) -> None:
    """remove.bg says 403 for it."""
    configure(REMOVEBG_API_KEY="wrong")
    again = registry.background_remover()
    assert again
    with pytest.raises(VendorUnauthorized) as refused:
        again.matte(REQUEST)
    assert "REMOVEBG_API_KEY" in refused.value.hint


def test_an_empty_account_says_so(serve: Serve, configure: Configure) -> None:
    """With what to do."""
    server = serve(answering(b'{"errors": [{"title": "Insufficient credits"}]}', status="402 Payment Required"))
    with pytest.raises(VendorRejected, match="Insufficient") as refused:
        at(server, configure).matte(REQUEST)
    assert "Top up" in refused.value.hint


def test_other_faults_of_the_picture_are_rejections(serve: Serve, configure: Configure) -> None:
    """A 400 that is not about the foreground, in the vendor's words and without our key."""
    body = b'{"errors": [{"title": "Resolution too high for a-secret-key", "code": "resolution_too_high"}]}'
    with pytest.raises(VendorRejected, match="Resolution too high") as refused:
        at(serve(answering(body, status="400 Bad Request")), configure).matte(REQUEST)
    assert "a-secret-key" not in refused.value.detail


def test_an_answer_that_is_no_picture_counts_as_lost(serve: Serve, configure: Configure) -> None:
    """It may have been billed."""
    with pytest.raises(OutcomeUnknown):
        at(serve(answering(b"<html>welcome</html>", headers="Content-Type: text/html")), configure).matte(REQUEST)


def test_the_price_is_read_from_the_answer(serve: Serve, configure: Configure) -> None:
    """Credits as the header tells them; one where it tells nonsense."""
    for told, charged in (("0.25", "0.25"), ("many", "1")):
        server = serve(answering(media.image(), headers=f"Content-Type: image/png\r\nX-Credits-Charged: {told}"))
        remover = at(server, configure)
        assert remover.matte(REQUEST).cost == Decimal(charged) * remover.estimate(REQUEST)


def test_what_the_vendor_does_not_take_is_not_sent(serve: Serve, configure: Configure) -> None:
    """Too large, or of another form."""
    server = serve(answering(media.image()))
    remover = at(server, configure)
    for request in (MatteRequest(bytes(13 * 1024 * 1024), "image/png"), MatteRequest(b"GIF89a", "image/gif")):
        with pytest.raises(InvalidInput):
            remover.matte(request)
    assert server.requests == []
