"""What tests of pages share: a site that allows most, and a reader of its articles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.fetching import PageReader
from bot.model import Fetched
from bot.parsing import read_article
from tests.builders import NOW
from tests.fetching.lab import fetcher
from tests.parsing.pages import page
from tests.servers.feeds import Document, FeedServer

HTML = "text/html; charset=utf-8"
PAGE = Document(page().encode(), HTML)
ROBOTS = "/robots.txt"


def robots(*lines: str, **changes: Any) -> Document:
    return Document("\n".join(lines).encode(), "text/plain", **changes)


ALLOWED = robots("User-agent: *", "Disallow: /private")


class Here:
    """Reads pages in this process; the worker processes have tests of their own."""

    def __init__(self) -> None:
        self.pages: list[Fetched] = []

    async def extract(self, fetched: Fetched) -> str:
        assert fetched.body is not None
        self.pages.append(fetched)
        return read_article(fetched.body, url=fetched.url, content_type=fetched.content_type)


OWN = "http://127.0.0.1/rss"
"""A feed on a machine of the operator's, by the limits of these tests."""


class Asking:
    """Reads pages for one feed."""

    def __init__(self, reading: PageReader, *, found_in: str = OWN) -> None:
        self.reading = reading
        self.found_in = found_in

    async def read(self, link: str) -> str:
        return await self.reading.read(link, found_in=self.found_in)


@asynccontextmanager
async def reader(
    *, article_s: float = 5.0, found_in: str = OWN, **changes: Any
) -> AsyncIterator[Asking]:
    extractor = changes.pop("extractor", None) or Here()
    async with (
        fetcher(**changes) as opened,
        PageReader(
            opened.exchange, extractor=extractor, clock=lambda: NOW, deadline_s=article_s
        ) as reading,
    ):
        yield Asking(reading, found_in=found_in)


async def read(documents: dict[str, Document], path: str = "/a", **changes: Any) -> str:
    """What is read at ``path`` of a server with ``documents``."""
    async with FeedServer(documents) as server, reader(**changes) as reading:
        return await reading.read(server.url(path))
