"""Colours and font families that a page's CSS names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

MOST = 12
LONGEST_FAMILIES = 300  # characters of a list of font families
NAMED = {"red": "#ff0000", "navy": "#000080", "teal": "#008080", "orange": "#ffa500", "purple": "#800080", "green": "#008000"}
NAMED |= {"white": "#ffffff", "black": "#000000", "blue": "#0000ff", "maroon": "#800000", "olive": "#808000", "gold": "#ffd700"}
DECLARATION = re.compile(r"(?<![\w-])([\w-]{1,80})\s*:\s*([^;{}]+)")
HEX = re.compile(r"#([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b", re.I)
RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:\s*[,/]\s*([\d.]+%?))?\s*\)", re.I)
WORD = re.compile(r"(?<![\w#.-])(" + "|".join(NAMED) + r")(?![\w-])", re.I)
BRANDED = re.compile(r"^--.*(?:brand|primary|accent|main)", re.I)
GENERIC = frozenset({
    "serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui", "ui-sans-serif", "ui-serif", "ui-monospace",
    "ui-rounded", "inherit", "initial", "unset", "revert", "-apple-system", "blinkmacsystemfont", "emoji", "math",
})  # fmt: skip
BRANDED_WEIGHT = 5  # a custom property called brand or primary says more than one use


def declarations(css: str) -> Iterable[tuple[str, str]]:
    return ((name.lower(), value) for name, value in DECLARATION.findall(without_comments(css)))


def without_comments(css: str) -> str:
    """In one pass: a search for each comment's end would take the square of a hostile file's size."""
    first, *rest = css.split("/*")
    return first + " ".join(part.partition("*/")[2] for part in rest)


def colours_of(css: str) -> Counter[str]:
    """Uses by `#rrggbb`; fully transparent colours are left out."""
    found: Counter[str] = Counter()
    for name, value in declarations(css):
        for colour in colours_in(value):
            found[colour] += BRANDED_WEIGHT if BRANDED.match(name) else 1
    return found


def colours_in(value: str) -> list[str]:
    found = [short_to_long(h) for h in HEX.findall(value) if not (len(h) in (4, 8) and set(h[len(h) * 3 // 4 :]) == {"0"})]
    for red, green, blue, alpha in RGB.findall(value):
        if alpha not in ("0", "0%", "0.0") and max(int(red), int(green), int(blue)) <= 255:
            found.append(f"#{int(red):02x}{int(green):02x}{int(blue):02x}")
    return found + [NAMED[word.lower()] for word in WORD.findall(value)]


def short_to_long(digits: str) -> str:
    """`#rrggbb` of three, four, six or eight hex digits; the opacity is left out."""
    if len(digits) in (3, 4):
        digits = "".join(d * 2 for d in digits)
    return f"#{digits[:6].lower()}"


def fonts_of(css: str) -> Counter[str]:
    """Uses by family name, of the first real family in each list."""
    found: Counter[str] = Counter()
    for name, value in declarations(css):
        names_font = name in ("font", "font-family") or (name.startswith("--") and "font" in name)
        if names_font and len(value) <= LONGEST_FAMILIES and (family := first_family(value)):
            found[family] += 1
    return found


def first_family(value: str) -> str | None:
    """The first family of a `font-family` or `font` value that is a name, not a generic family or a variable."""
    for part in value.replace("!important", "").split(","):
        quoted = re.search(r"""["']([^"']+)["']""", part)
        family = quoted.group(1) if quoted else re.sub(r"^.*?\d[\w%./]*\s+", "", part.strip())
        if family and family.lower() not in GENERIC and re.fullmatch(r"[^\W\d][\w &.+-]*", family):
            return family
    return None


def fonts_of_link(href: str) -> list[str]:
    """Families that a Google Fonts stylesheet link asks for."""
    parts = urlsplit(href)
    if parts.hostname != "fonts.googleapis.com":
        return []
    asked = "|".join(parse_qs(parts.query).get("family", []))
    return [family.split(":")[0].strip() for family in asked.split("|") if family.strip()]


def most_used(found: Counter[str]) -> tuple[str, ...]:
    return tuple(value for value, _ in found.most_common(MOST))
