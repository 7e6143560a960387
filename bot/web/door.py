"""Where hubs reach us by HTTP; a proxy with TLS stands before it.

Strangers may call as well: to whoever does not know a token, every address here is one that
does not exist, and no body of theirs is read: whoever is refused is hung up on. Nor can one
hub keep the others out, however slowly it sends: it has a few of the places, and a deadline.

Source: W3C WebSub §5.3 Hub Verifies Intent, §7 Content Distribution.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from math import ceil
from urllib.parse import urlsplit

from aiohttp import web

from bot.pipeline.hubs import HubDesk, Intent
from bot.prose.strangers import StrangersLog
from bot.web.listening import listen_at

PATH = "/websub"
"""Behind ``web.public_url``; the token of a subscription follows."""

SETTING = "web.listen (NEWSBOT_WEB_LISTEN)"

READ_S = 20.0
"""Seconds for what is pushed to arrive whole; its place is free again then."""

ANSWER_S = 8.0
"""A hub waits no longer for the filing of what it pushed; that goes on."""

AT_ONCE = 8
"""Pushes that are read and filed at the same time; each may be as large as a feed."""

PER_HUB = 4
PER_TOKEN = 2
"""Of these: pushes of all the feeds of one hub (by its host), and of one feed."""

BUSY_S = 60
CLOSE_S = 5.0
"""Seconds for requests under way when the program stops; part of the ten of a stop."""

_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

log = logging.getLogger(__name__)


class HubDoor:
    """Takes what hubs ask and push.

    Attributes:
        address: where it listens, with the port that it was given.
    """

    def __init__(self, desk: HubDesk, *, max_bytes: int) -> None:
        self.address = ""
        self._desk = desk
        self._max_bytes = max_bytes
        self._filing: set[asyncio.Task[object]] = set()
        self._taken: Counter[str] = Counter()  # places, of all, by hub and by token

    @property
    def places_taken(self) -> int:
        """Pushes that are being read or filed."""
        return self._taken[""]

    def make_server(self) -> web.Application:
        """The routes."""
        server = web.Application(client_max_size=self._max_bytes)
        server.router.add_get(f"{PATH}/{{token}}", self._verify, allow_head=False)
        server.router.add_post(f"{PATH}/{{token}}", self._take)
        return server

    async def finish(self, *, within_s: float) -> None:
        """Let what is being filed end; what has not by then is broken off: the next poll has it."""
        if self._filing:
            await asyncio.wait(self._filing, timeout=within_s)
        for task in (left := tuple(self._filing)):
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _verify(self, request: web.Request) -> web.Response:
        """A hub makes sure that it was us who asked, or says that it will not push."""
        asked = request.query
        intent = Intent(
            mode=asked.get("hub.mode", ""),
            topic=asked.get("hub.topic", ""),
            challenge=asked.get("hub.challenge", ""),
            lease_s=_seconds_or_none(asked.get("hub.lease_seconds", "")),
            reason=asked.get("hub.reason", ""),
        )
        said = await self._desk.answer(request.match_info["token"], intent)
        if said is None:
            return _say(404, "nothing of the kind was asked for")
        return web.Response(text=said, headers=_HEADERS)

    async def _take(self, request: web.Request) -> web.Response:
        """A hub pushes a document. Whether its signature is right is not told."""
        token = request.match_info["token"]
        pusher = await self._desk.find_pusher_or_none(token)
        if pusher is None:
            return _refuse(410, "this is over, or never was")
        places = {"": AT_ONCE, urlsplit(pusher.hub).netloc: PER_HUB, token: PER_TOKEN}
        if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            refusal = _refuse(415, "this must not be packed")
        elif pusher.wait_s:
            refusal = _refuse(503, "too soon after the last", again_s=ceil(pusher.wait_s))
        elif any(self._taken[whose] >= most for whose, most in places.items()):
            refusal = _refuse(503, "too much at once", again_s=BUSY_S)
        else:
            return await self._receive(request, token, places.keys())
        return refusal

    async def _receive(
        self, request: web.Request, token: str, places: Collection[str]
    ) -> web.Response:
        """Read what is pushed, and file it; the places are taken as long as that lasts."""
        self._taken.update(places)
        filing = None
        try:
            async with asyncio.timeout(READ_S):
                body = await request.read()
            filing = self._file(token, body, request)
        except (TimeoutError, ConnectionError):  # of one that hung up, nobody hears this
            return _refuse(408, "it did not arrive in time")
        except web.HTTPRequestEntityTooLarge:
            return _refuse(413, "this is too large")
        finally:
            if filing is None:
                self._free(places)
            else:
                filing.add_done_callback(lambda _: self._free(places))
        await asyncio.wait({filing}, timeout=ANSWER_S)
        return _say(202, "thank you")

    def _free(self, places: Collection[str]) -> None:
        self._taken.subtract(places)
        self._taken = +self._taken  # without those that are 0

    def _file(self, token: str, body: bytes, request: web.Request) -> asyncio.Task[object]:
        """File it, to the end though the hub may be gone by then."""
        task: asyncio.Task[object] = asyncio.create_task(
            self._desk.receive(
                token,
                body,
                content_type=request.headers.get("Content-Type", ""),
                signature=request.headers.get("X-Hub-Signature", ""),
            ),
            name="push",
        )
        self._filing.add(task)
        task.add_done_callback(self._note_end)
        return task

    def _note_end(self, task: asyncio.Task[object]) -> None:
        self._filing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("what a hub pushed could not be filed; it is polled", exc_info=error)


@asynccontextmanager
async def open_door(desk: HubDesk, *, listen: str, max_bytes: int) -> AsyncIterator[HubDoor]:
    """Listen until the block ends; then what is being filed is finished.

    Args:
        listen: address and port, as in "127.0.0.1:8080" or "[::]:8080"; port 0 is a free one.
        max_bytes: of what is pushed at a time.

    Raises:
        SettingsInvalid: nothing can listen there; the message says why.
    """
    door = HubDoor(desk, max_bytes=max_bytes)
    runner = web.AppRunner(
        door.make_server(),
        access_log=None,  # addresses hold tokens
        logger=StrangersLog(),
        auto_decompress=False,  # what is packed is refused, and not unpacked before that
        lingering_time=0,  # the rest of what was refused is not read to throw it away
        shutdown_timeout=CLOSE_S / 4,
    )
    await runner.setup()
    try:
        door.address = await listen_at(runner, listen, setting=SETTING)
        yield door
    finally:
        await runner.cleanup()
        await door.finish(within_s=CLOSE_S / 2)


def _say(status: int, what: str) -> web.Response:
    return web.Response(status=status, text=f"{what}\n", headers=_HEADERS)


def _refuse(status: int, what: str, *, again_s: int = 0) -> web.Response:
    """Say so and hang up, as the body is still to come."""
    response = _say(status, what)
    if again_s:
        response.headers["Retry-After"] = str(again_s)
    response.force_close()
    return response


def _seconds_or_none(text: str) -> float | None:
    return float(text[:12]) if text.isascii() and text.isdigit() else None
