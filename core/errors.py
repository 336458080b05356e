"""Every error Drumbeat raises on purpose.

    DrumbeatError
    ├── InvalidInput            fix        422   the caller's words are wrong
    │   ├── MalformedRequest               400   not JSON, wrong content type
    │   ├── UnknownKind                    404   no such job kind
    │   ├── PayloadTooLarge                413
    │   ├── UnsupportedMedia               415
    │   ├── IdempotencyMismatch            422   same key, other body
    │   ├── AddressRefused                 422   a URL that the guarded fetch does not visit
    │   ├── SiteUnreadable                 422   robots, empty, unresolvable, too large
    │   ├── MediaUnreadable                422   a file that is not what it claims
    │   └── Untestable                     422   data from which no difference can be told
    ├── NotFound                fix        404   also: of another organisation
    ├── Conflict                fix        409   the row is not in a state that allows this
    │   └── SampleRatioMismatch            409   an experiment's variants did not get their shares
    ├── Unauthenticated         fix        401
    ├── Forbidden               fix        403
    ├── TooManyRequests         wait       429
    ├── NotConfigured           configure  503   variables are missing
    │   └── ModelUnavailable               503   weights that are missing, or not what they should be
    ├── Unavailable             retry      503   Postgres, Redis or the disk is away
    ├── BudgetExceeded          wait       402   a paid call would pass the campaign's budget
    ├── GeneratedInvalid        fix        502   a model answered rubbish twice
    ├── VendorError             -          502   something outside said no
    │   ├── VendorRejected      fix              4xx: our request will never work
    │   ├── VendorUnauthorized  configure        401/403: the key is wrong
    │   ├── ConnectionExpired   reconnect        the account's consent is gone
    │   ├── VendorThrottled     wait             429, with the time to come back
    │   ├── VendorUnavailable   retry            5xx, refused, timed out before the work was done
    │   └── OutcomeUnknown      retry            the request left, the answer did not come
    ├── StepFailed              fix        500   a step gave up, with its reason
    ├── Cancelled               -          409   the job was cancelled while this ran
    └── LeaseLost               -          409   another worker holds the step now (fenced)

Only two places read these attributes: the API's error handler (status, code, hint, errors) and
the worker's retry rule (remedy, retry_after).
"""

from __future__ import annotations

from typing import Any, Literal

Remedy = Literal["fix", "retry", "wait", "reconnect", "configure"]


class DrumbeatError(Exception):
    """Base of all. `detail` is for people and names what is wrong and where; `hint` says what to do.

    errors: one entry a fault, `{"pointer": "/params/url", "detail": "..."}` (RFC 6901 pointers).
    retry_after: seconds after which another try makes sense, where that is known.
    """

    code = "internal"
    status = 500
    remedy: Remedy = "fix"
    title = "Something went wrong"
    hint = ""

    def __init__(
        self,
        detail: str = "",
        *,
        hint: str = "",
        errors: list[dict[str, str]] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.hint = hint or self.hint
        self.errors = errors or []
        self.retry_after = retry_after

    def as_dict(self) -> dict[str, Any]:
        """The form stored in `jobs.error` and `job_steps.error`."""
        stored: dict[str, Any] = {"code": self.code, "detail": self.detail, "remedy": self.remedy}
        if self.hint:
            stored["hint"] = self.hint
        if self.errors:
            stored["errors"] = self.errors
        return stored


class InvalidInput(DrumbeatError):
    code, status, title = "invalid_input", 422, "The request is not valid"


class MalformedRequest(InvalidInput):
    code, status, title = "malformed_request", 400, "The request cannot be read"


class UnknownKind(InvalidInput):
    code, status, title = "unknown_kind", 404, "There is no such job kind"


class PayloadTooLarge(InvalidInput):
    code, status, title = "payload_too_large", 413, "The request body is too large"


class UnsupportedMedia(InvalidInput):
    code, status, title = "unsupported_media", 415, "This kind of file is not accepted"


class IdempotencyMismatch(InvalidInput):
    code, title = "idempotency_mismatch", "This Idempotency-Key was used with another body"
    hint = "Use a new key for a new request, or send the first body again."


class AddressRefused(InvalidInput):
    code, title = "address_refused", "This address is not visited"


class SiteUnreadable(InvalidInput):
    code, title = "site_unreadable", "The site could not be read"


class MediaUnreadable(InvalidInput):
    code, title = "media_unreadable", "The file could not be read"


class Untestable(InvalidInput):
    code, title = "untestable", "The data cannot be tested"


class NotFound(DrumbeatError):
    code, status, title = "not_found", 404, "Not found"


class Conflict(DrumbeatError):
    code, status, title = "conflict", 409, "The current state does not allow this"


class SampleRatioMismatch(Conflict):
    code, title = "sample_ratio_mismatch", "The variants did not get the units that they should have got"


class Unauthenticated(DrumbeatError):
    code, status, title = "unauthenticated", 401, "Log in first"


class Forbidden(DrumbeatError):
    code, status, title = "forbidden", 403, "Your role does not allow this"


class TooManyRequests(DrumbeatError):
    code, status, title = "too_many_requests", 429, "Too many requests"
    remedy: Remedy = "wait"


class NotConfigured(DrumbeatError):
    code, status, title = "not_configured", 503, "This needs settings that are missing"
    remedy: Remedy = "configure"


class ModelUnavailable(NotConfigured):
    code, title = "model_unavailable", "A model's weights are missing or not what they should be"


class Unavailable(DrumbeatError):
    code, status, title = "unavailable", 503, "A part of the platform is away"
    remedy: Remedy = "retry"


class BudgetExceeded(DrumbeatError):
    code, status, title = "budget_exceeded", 402, "The campaign's budget is spent"
    remedy: Remedy = "wait"
    hint = "Raise the campaign's budget; the job goes on by itself."


class GeneratedInvalid(DrumbeatError):
    code, status, title = "generated_invalid", 502, "The model's answer does not fit its schema"


class VendorError(DrumbeatError):
    """Something outside answered badly. `vendor` names it; the vendor's own text is cut and cleaned."""

    code, status, title = "vendor_error", 502, "An outside service failed"

    def __init__(self, detail: str = "", *, vendor: str = "", **more: Any) -> None:
        super().__init__(f"{vendor}: {detail}" if vendor else detail, **more)
        self.vendor = vendor


class VendorRejected(VendorError):
    code, title = "vendor_rejected", "The outside service refused the request"


class VendorUnauthorized(VendorError):
    code, title = "vendor_unauthorized", "The outside service refused the key"
    remedy: Remedy = "configure"


class ConnectionExpired(VendorError):
    code, title = "connection_expired", "The connected account must be connected again"
    remedy: Remedy = "reconnect"


class VendorThrottled(VendorError):
    code, title = "vendor_throttled", "The outside service asks us to wait"
    remedy: Remedy = "wait"


class VendorUnavailable(VendorError):
    code, title = "vendor_unavailable", "The outside service is down"
    remedy: Remedy = "retry"


class OutcomeUnknown(VendorError):
    """The request left and no answer came: the work may or may not be done."""

    code, title = "outcome_unknown", "It is not known whether the outside service did the work"
    remedy: Remedy = "retry"


class StepFailed(DrumbeatError):
    code, title = "step_failed", "The step failed"


class Cancelled(DrumbeatError):
    code, status, title = "cancelled", 409, "The job was cancelled"


class LeaseLost(DrumbeatError):
    code, status, title = "lease_lost", 409, "Another worker holds this step now"


def every_error() -> list[type[DrumbeatError]]:
    """All classes of the tree, for the API's docs and its tests."""
    found: list[type[DrumbeatError]] = [DrumbeatError]
    for error in found:
        found.extend(error.__subclasses__())
    return found
