"""A loopback server that serves the sample feeds as good publishers do: 304 where nothing changed.

Source: RFC 9110 §8.8 (validators), §13.1.2-3 and §13.2.2 (which condition counts),
§15.4.5 (304).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from aiohttp import ETag, web

from bot.demo.samples import SAMPLE_FEEDS, Edition, SampleFeed
from bot.model import FeedSpec

_BEFORE_POLL = timedelta(minutes=5)
"""So long before the demo polls an edition its documents were last modified."""


@dataclass(frozen=True, slots=True)
class _Document:
    body: bytes
    etag: str
    modified_at: datetime
    content_type: str


class SampleFeeds:
    """Serves ``SAMPLE_FEEDS`` on a free port of 127.0.0.1 while the context is open.

    Attributes:
        answers: how many requests were answered, by HTTP status.
    """

    def __init__(self) -> None:
        self.answers: Counter[int] = Counter()
        self._documents = _load_documents(Edition.FIRST)
        app = web.Application()
        app.router.add_get("/{name}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        self._base = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self._base = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    @property
    def specs(self) -> tuple[FeedSpec, ...]:
        """The feeds as somebody would configure them."""
        return tuple(
            FeedSpec(url=f"{self._base}/{feed.name}", title=feed.outlet, lang=feed.lang)
            for feed in SAMPLE_FEEDS
        )

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of the feeds."""
        return tuple(spec.url for spec in self.specs)

    @property
    def address(self) -> str:
        """Host and port, as ``fetch.allow_addresses`` takes them."""
        return self._base.removeprefix("http://")

    def advance(self, edition: Edition) -> None:
        """Let time pass: from now on every outlet serves ``edition``."""
        self._documents = _load_documents(edition)

    async def _answer(self, request: web.Request) -> web.Response:
        document = self._documents.get(request.match_info["name"])
        if document is None:
            response = web.Response(status=404)
        elif _is_known(request, document):
            response = web.Response(status=304)
        else:
            response = web.Response(body=document.body, content_type=document.content_type)
            response.enable_compression()  # as far as the client accepts it
        if document is not None:
            # Weak, because the compressed and the plain body share it.
            response.etag = ETag(document.etag, is_weak=True)
            response.last_modified = document.modified_at
            response.headers["Vary"] = "Accept-Encoding"
        self.answers[response.status] += 1
        return response


def _load_documents(edition: Edition) -> dict[str, _Document]:
    return {feed.name: _load_document(feed, edition) for feed in SAMPLE_FEEDS}


def _load_document(feed: SampleFeed, edition: Edition) -> _Document:
    body = feed.load_edition(edition)
    return _Document(
        body=body,
        etag=hashlib.sha256(body).hexdigest()[:16],
        modified_at=feed.published_in(edition).polled_at - _BEFORE_POLL,
        content_type=feed.content_type,
    )


def _is_known(request: web.Request, document: _Document) -> bool:
    """Whether the client has this version; ``If-None-Match`` alone counts where it is sent."""
    if request.if_none_match is not None:
        return any(tag.value in (document.etag, "*") for tag in request.if_none_match)
    since = request.if_modified_since
    return since is not None and document.modified_at <= since.astimezone(UTC)
