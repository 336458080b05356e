"""What browsers are told: security headers, a strict CSP, and CORS for ALLOWED_ORIGINS."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from core.settings import Settings, get_settings

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
EXPOSED = "Location, Retry-After, X-Request-ID, RateLimit, RateLimit-Policy, Idempotency-Replayed, Preference-Applied, ETag"
ALLOWED = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer, Range, X-Request-ID"
PREFLIGHT_SECONDS = 600


def install(app: Flask) -> None:
    app.before_request(_preflight)
    app.after_request(_secure)
    app.after_request(_share)


# Plotly 7.1 adds two style elements, an empty one that it fills by script among them, and style attributes to what it draws.
PLOTLY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='"
STYLES = "style-src 'self'"
STYLES_OF_CHARTS = f"style-src 'self' {PLOTLY}; style-src-attr 'unsafe-inline'"


def allow_charts() -> None:
    """Give the answer to this request the policy under which Plotly can draw."""
    g.draws_charts = True


def content_policy(settings: Settings, styles: str = STYLES) -> str:
    """No inline scripts or styles; pictures and clips also from the store that signed links lead to."""
    stores = [f"https://{settings.cdn_domain}"] if settings.cdn_domain else []
    if settings.s3_bucket_name:
        stores.append(_origin(settings.s3_public_url or settings.s3_endpoint_url) or f"https://*.s3.{settings.aws_region}.amazonaws.com")
    media = " ".join(["'self'", "blob:", *stores])
    return (
        f"default-src 'none'; script-src 'self'; {styles}; img-src {media} data:; media-src {media}; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _secure(response: Response) -> Response:
    settings = get_settings()
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", content_policy(settings, STYLES_OF_CHARTS if "draws_charts" in g else STYLES))
    if settings.public_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.path.startswith("/v1/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _allowed_origin() -> str | None:
    origin, origins = request.headers.get("Origin", ""), get_settings().origins
    return origin if origin and (origin in origins or "*" in origins) else None


def _preflight() -> Response | None:
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    response = Response(status=204)
    if _allowed_origin():
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        response.headers["Access-Control-Allow-Headers"] = ALLOWED
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


def _share(response: Response) -> Response:
    response.vary.add("Origin")
    if origin := _allowed_origin():
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
