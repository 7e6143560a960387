"""What a post will say of a report: found in the feed, on the article's page, or asked for.

Asked before anything is decided, so that no decision waits for a site; whoever asks bounds
the wait. What cannot be had costs nothing but its time: the next best text stands.
"""

from __future__ import annotations

from bot.ports import Abstracter, ArticleReader
from bot.stories import OutletNames, Report
from bot.summaries import check_abstract, find_named, find_names, is_teaser, summarise_best

MAX_TEXT = 6_000
"""Characters of an article that are told in other words; news stands in front."""


class Teller:
    """Makes summaries.

    Args:
        articles: reads the page of an article where its feed brings only a teaser.
        abstracter: writes summaries in its own words; they are checked against the text.
        outlets: knows the sites that have no articles of their own, and are not asked.
    """

    def __init__(
        self,
        articles: ArticleReader | None = None,
        abstracter: Abstracter | None = None,
        outlets: OutletNames | None = None,
    ) -> None:
        self._articles = articles
        self._abstracter = abstracter
        self._outlets = outlets or OutletNames({})

    async def tell(self, report: Report, *, found_in: str, is_edit: bool = False) -> str | None:
        """One or two sentences about ``report``, or "" where nothing adds to its headline.

        None for an edit that has only a teaser while its article cannot be read: what was
        said of it before may be better.

        Args:
            found_in: the address of the feed that brings it.
        """
        texts = list_texts(report)
        names = find_names(report.match)
        title = report.entry.title
        texts = (*texts, *await self._read_article(report, texts, found_in))
        if is_edit and _are_teasers(report, texts):
            return None
        extract = summarise_best(texts, title=title, names=names)
        if self._abstracter is None:
            return extract
        text = (max(texts, key=len, default="") or title)[:MAX_TEXT]
        whole = f"{title}\n\n{text}"
        named = find_named(whole, names)
        told = await self._abstracter.abstract(title=title, text=text, companies=named)
        return check_abstract(told, text=whole, names=names) or extract

    async def _read_article(
        self, report: Report, texts: tuple[str, ...], found_in: str
    ) -> tuple[str, ...]:
        link = report.entry.link
        if self._articles is None or not link or self._outlets.is_aggregator(link):
            return ()
        if not _are_teasers(report, texts):
            return ()
        text = await self._articles.read(link, found_in=found_in)
        return (text,) if text else ()


def make_summary(report: Report) -> str:
    """One or two sentences of what the feed itself brings, or ""."""
    return summarise_best(
        list_texts(report), title=report.entry.title, names=find_names(report.match)
    )


def list_texts(report: Report) -> tuple[str, ...]:
    """The texts the feed brings of ``report``, the one written for readers of feeds first."""
    return tuple(text for text in (report.entry.summary, report.entry.body) if text)


def _are_teasers(report: Report, texts: tuple[str, ...]) -> bool:
    title, names = report.entry.title, find_names(report.match)
    return all(is_teaser(text, title=title, names=names) for text in texts)
