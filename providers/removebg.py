"""remove.bg: the foreground of a picture, as a matte."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from core.errors import InvalidInput, OutcomeUnknown
from core.settings import Settings
from providers import prices
from providers.contracts.background import MatteAnswer, MatteRequest
from providers.http import MEGABYTE, VendorClient
from providers.refusals import Reply, refusal
from providers.sniff import media_type_of

_LARGEST = 12 * MEGABYTE
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}
_NOTHING_FOUND = "unknown_foreground"


class RemoveBg:
    """A BackgroundRemover. Asked for the matte alone, since ours keeps the picture's full size and the vendor's may not."""

    vendor = "removebg"

    def __init__(self, settings: Settings) -> None:
        self.simulated = settings.is_simulated(settings.removebg_base_url)
        self._client = VendorClient(
            self.vendor,
            settings.removebg_base_url,
            headers={"X-Api-Key": settings.removebg_api_key.get_secret_value()},
            variables="REMOVEBG_API_KEY",
            patience=2,
        )

    def estimate(self, request: MatteRequest) -> Decimal:
        return prices.BACKGROUND_CREDIT

    def matte(self, request: MatteRequest) -> MatteAnswer:
        """Raises InvalidInput for a file that the vendor would not take."""
        if request.media_type not in _ENDINGS or len(request.content) > _LARGEST:
            raise InvalidInput(
                f"remove.bg takes no {request.media_type} of {len(request.content) / MEGABYTE:.1f} MB",
                hint=f"It takes PNG and JPEG up to {_LARGEST // MEGABYTE} MB.",
            )
        file = (f"picture.{_ENDINGS[request.media_type]}", request.content, request.media_type)
        fields = {"size": "auto", "type": request.subject, "format": "png", "channels": "alpha"}
        reply = self._client.call("POST", "/removebg", files={"image_file": file}, data=fields, accept=(400,))
        if reply.status == 400:
            return self._nothing(reply)
        if media_type_of(reply.content[:64]) != "image/png":
            raise OutcomeUnknown("the answer is not a PNG", vendor=self.vendor)
        return MatteAnswer(reply.content, _charged(reply) * prices.BACKGROUND_CREDIT, reply.headers.get("X-Request-Id", ""))

    def _nothing(self, reply: Reply) -> MatteAnswer:
        """A picture without a foreground is an answer, not a fault, and costs nothing. Raises VendorRejected for real faults."""
        codes = [error.get("code") for error in self._client.document(reply).get("errors", []) if isinstance(error, dict)]
        if _NOTHING_FOUND not in codes:
            raise refusal(reply, variables="REMOVEBG_API_KEY")
        return MatteAnswer(None, Decimal(0))


def _charged(reply: Reply) -> Decimal:
    """Credits; one, where the answer does not say in numbers."""
    try:
        return Decimal(reply.headers.get("X-Credits-Charged", "1"))
    except InvalidOperation:
        return Decimal(1)
