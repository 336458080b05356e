"""A report as PDF, set with reportlab in DejaVu, which has every sign a channel's name may have in Latin, Greek and Cyrillic."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from pipelines.mmm.report import Report, Section, Table, lines_of

WIDTH = 480.0  # points between the margins
FONT = "DejaVuSans"


def write_pdf(report: Report, path: Path) -> None:
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    styles = _styles()
    story: list[Any] = [Paragraph(escape(report.title), styles["Title"])]
    for section in report.sections:
        story += _section(section, styles)
    SimpleDocTemplate(str(path), pagesize=A4, title=report.title, author="Drumbeat").build(story)


def _styles() -> Any:
    import matplotlib
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
    for name in (FONT, f"{FONT}-Bold"):
        pdfmetrics.registerFont(TTFont(name, str(fonts / f"{name}.ttf")))
    styles = getSampleStyleSheet()
    for name, font in (("Title", f"{FONT}-Bold"), ("Heading2", f"{FONT}-Bold"), ("BodyText", FONT)):
        styles[name].fontName = font
    styles["BodyText"].fontSize = 9
    return styles


def _section(section: Section, styles: Any) -> list[Any]:
    from reportlab.platypus import Paragraph, Spacer

    story: list[Any] = [Paragraph(escape(section.title), styles["Heading2"])]
    story += [Paragraph(escape(words), styles["BodyText"]) for words in section.paragraphs]
    if section.table:
        story += [Spacer(1, 6), _table(section.table, styles)]
    if section.picture:
        story += [Spacer(1, 6), _picture(section.picture)]
    return story


def _table(table: Table, styles: Any) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph
    from reportlab.platypus import Table as Set

    cells = [[Paragraph(escape(cell), styles["BodyText"]) for cell in line] for line in lines_of(table)]
    made = Set(cells, colWidths=[WIDTH / len(table.columns)] * len(table.columns), repeatRows=1)
    made.setStyle([("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor("#dddddd")), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    return made


def _picture(path: Path) -> Any:
    from PIL import Image as Opened
    from reportlab.platypus import Image

    with Opened.open(path) as opened:
        width, height = opened.size
    return Image(str(path), WIDTH, WIDTH * height / width)
