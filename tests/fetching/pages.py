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


@asynccontextmanager
async def reader(*, article_s: float = 5.0, **changes: Any) -> AsyncIterator[PageReader]:
    extractor = changes.pop("extractor", None) or Here()
    async with (
        fetcher(**changes) as opened,
        PageReader(
            opened.exchange, extractor=extractor, clock=lambda: NOW, deadline_s=article_s
        ) as reading,
    ):
        yield reading


async def read(documents: dict[str, Document], path: str = "/a", **changes: Any) -> str:
    """What is read at ``path`` of a server with ``documents``."""
    async with FeedServer(documents) as server, reader(**changes) as reading:
        return await reading.read(server.url(path))
