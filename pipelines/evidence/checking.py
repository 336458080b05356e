"""Checking every statement of an answer against the pages, and leaving out those that no page bears out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, get_args

from pydantic import BaseModel

from pipelines.evidence.quotes import QuotedPages, too_short
from pipelines.evidence.statements import Source, Statement, statements
from providers.contracts.crawl import CrawledPage

T = TypeVar("T", bound=BaseModel)
DROPPED = object()


class Evidence:
    """The crawled pages as the judge of statements. `notes` collect what was left out or moved."""

    def __init__(self, pages: Iterable[CrawledPage]) -> None:
        self.pages = QuotedPages(pages)
        self.notes: list[str] = []

    def faults(self, answer: BaseModel) -> list[str]:
        """One sentence for each statement that its page does not bear out."""
        return [f"{pointer}: {fault}" for pointer, s in statements(answer) if (fault := self.fault(s.source))]

    def fault(self, source: Source) -> str:
        if too_short(source.quote):
            return f"the quote {source.quote!r} is too short to prove anything"
        if not self.pages.known(source.url):
            return f"{source.url!r} is none of the pages"
        if not self.pages.holds(source.url, source.quote):
            return f"the quote {source.quote[:120]!r} does not stand on {source.url}"
        return ""

    def supported(self, answer: T) -> T:
        """The answer with only the statements that a page bears out.

        A quote that stands on another page gets that page's URL. A statement without support leaves its list, together with
        the entry that cannot be without it; one that may be null becomes null; any other stays, for `faults` to tell.
        """
        kept = self._kept(answer)
        return answer if kept is DROPPED else kept

    def _kept(self, value: Any) -> Any:
        if isinstance(value, Statement):
            return self._proved(value)
        if isinstance(value, list):
            return [kept for item in value if (kept := self._kept(item)) is not DROPPED]
        if isinstance(value, BaseModel):
            return self._kept_model(value)
        return value

    def _kept_model(self, model: BaseModel) -> Any:
        found = {name: self._kept(getattr(model, name)) for name in type(model).model_fields}
        for name in [name for name, kept in found.items() if kept is DROPPED]:
            if type(None) not in get_args(type(model).model_fields[name].annotation):
                return DROPPED
            found[name] = None
        return model.model_copy(update=found)

    def _proved(self, statement: Statement) -> Any:
        fault = self.fault(statement.source)
        if not fault:
            return statement
        elsewhere = self.pages.page_of(statement.source.quote)
        if elsewhere is None:
            self.notes.append(f"left out: {statement.text!r} ({fault})")
            return DROPPED
        self.notes.append(f"moved to {elsewhere}: {statement.text!r}")
        return statement.model_copy(update={"source": Source(url=elsewhere, quote=statement.source.quote)})
