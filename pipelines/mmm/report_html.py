"""A report as one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

from pipelines.mmm.report import Report, Section, Table

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1e}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ddd}"
    "img{max-width:100%;height:auto}h2{margin-top:2.2rem}"
)


def write_html(report: Report, path: Path) -> None:
    body = "".join(_section(section) for section in report.sections)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(report.title)}</title>'
    whole = f"<head>{head}<style>{_STYLE}</style></head><body><h1>{escape(report.title)}</h1>{body}</body>"
    path.write_text(f'<!doctype html><html lang="en">{whole}</html>', encoding="utf-8")


def _section(section: Section) -> str:
    words = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs)
    table = _table(section.table) if section.table else ""
    picture = _picture(section.picture, section.title) if section.picture else ""
    return f"<section><h2>{escape(section.title)}</h2>{words}{table}{picture}</section>"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _picture(path: Path, title: str) -> str:
    return f'<img alt="{escape(title)}" src="data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}">'
