"""The web site of the fictional brand, on its own port so that robots.txt, sitemap and root-relative links are its own."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request, send_from_directory

from sandbox.brand import pictures
from sandbox.brand.lamps import BY_KEY, LAMPS
from sandbox.vendor import Vendor

_FOLDER = Path(__file__).parent / "brand"
routes = Blueprint("site", __name__, template_folder=str(_FOLDER))

PAGES = {
    "/": "home.html",
    "/products/": "products.html",
    "/repair": "repair.html",
    "/about": "about.html",
    "/team": "team.html",
    "/values": "values.html",
    "/faq": "faq.html",
    "/blog/": "blog.html",
    "/blog/why-we-publish-our-manuals": "manuals.html",
    "/blog/light-for-reading": "reading.html",
    "/contact": "contact.html",
}
FORBIDDEN = {"/internal/dealers": "dealers.html"}  # disallowed by robots.txt
_ROBOTS = "User-agent: *\nDisallow: /internal/\nCrawl-delay: 0\n\nSitemap: {root}sitemap.xml\n"


def _page(template: str) -> str:
    return render_template(template, root=request.host_url, lamps=LAMPS)


for _number, (_path, _template) in enumerate({**PAGES, **FORBIDDEN}.items()):
    routes.add_url_rule(_path, f"page{_number}", _page, defaults={"template": _template})


@routes.get("/products/<key>")
def product(key: str) -> str:
    return render_template("product.html", root=request.host_url, lamp=BY_KEY.get(key) or abort(404, "There is no such lamp."))


@routes.get("/images/<name>.png")
def image(name: str) -> Response:
    if name not in pictures.NAMES:
        abort(404, "There is no such picture.")
    return Response(pictures.picture(name), mimetype="image/png")


@routes.get("/logo.png")
def logo() -> Response:
    return Response(pictures.logo(), mimetype="image/png")


@routes.get("/<any('style.css', 'logo.svg'):name>")
def static_file(name: str) -> Response:
    return send_from_directory(_FOLDER, name)


@routes.get("/robots.txt")
def robots() -> Response:
    return Response(_ROBOTS.format(root=request.host_url), mimetype="text/plain")


@routes.get("/sitemap.xml")
def sitemap() -> Response:
    addresses = [*PAGES, *(f"/products/{lamp.key}" for lamp in LAMPS)]
    entries = "".join(f"<url><loc>{request.host_url.rstrip('/')}{path}</loc></url>" for path in addresses)
    body = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    return Response(body, mimetype="application/xml")


vendor = Vendor("site", routes, lambda refused: f"<!doctype html><title>{refused.status}</title><h1>{refused.message}</h1>")
