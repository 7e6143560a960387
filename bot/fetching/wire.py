"""One connection, and HTTP/1.1 on it: a request is written, an answer is read as it comes.

What is HTTP and what is not is judged by llhttp (httptools), as strict as it is made; here is
only when an answer is whole, how much of a head is taken, and whether the connection may
carry another request. Where the connection leads was settled before, in dial.py.

Source: RFC 9112 §6.3 message body length, §9.3 persistence; RFC 9110 §15.2 interim answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from bot.errors import FeedError, Trouble
from bot.fetching.body import Body

MAX_FIELD_BYTES: Final = 32 * 1024
"""Of one header field: the content policies of some sites pass 8 KB."""

MAX_HEAD_BYTES: Final = 128 * 1024
MAX_FIELDS: Final = 128
"""Of one head, interim answers before it included."""

_SWITCHED: Final = 101  # the only 1xx after which nothing follows that we could read

_SINGLE: Final = frozenset({"etag", "last-modified", "location", "date", "expires", "age"})
"""Fields that cannot be a list: where one comes twice, the first is taken."""

Fields = Mapping[str, str]
"""Header fields by their names in small letters; what came in several lines is joined by commas
(RFC 9110 §5.3)."""

Take = Callable[[int, Fields], Body | None]
"""Says at the end of a head where its body goes, None for nowhere; may raise a FeedError."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address said; ``body`` is empty unless it was taken."""

    status: int
    headers: Fields
    body: bytes


class Broken(Exception):
    """There is no answer, or none that is HTTP; the text says why, on one line, without secrets.

    Attributes:
        trouble: what kind of thing went wrong.
    """

    def __init__(self, what: str, trouble: Trouble = Trouble.CONNECTION) -> None:
        super().__init__(what)
        self.trouble = trouble


class Stale(Broken):
    """The connection had been used before and was closed before anything of an answer came."""


class Wire(asyncio.Protocol):
    """A connection to a server; asks one thing after the other, never two at once.

    Attributes:
        is_free: it is open, and the last answer left it so that another may follow.
    """

    def __init__(self) -> None:
        self.is_free = False
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[Answer] | None = None
        self._take: Take | None = None
        self._parser: HttpResponseParser | None = None
        self._uses = 0
        self._forget()

    def _forget(self) -> None:
        """Begin anew: nothing of an answer has come."""
        self._fields: list[tuple[bytes, bytes]] = []
        self._weight = 0  # bytes that came
        self._given = 0  # of these, of the body
        self._status = 0  # of the final answer, once its head is whole
        self._headers: Fields | None = None
        self._body: Body | None = None
        self._is_whole = False
        self._failure: Exception | None = None

    async def ask(self, request: bytes, take: Take) -> Answer:
        """Send ``request`` and read the answer to its end, or as far as its body is taken.

        Raises:
            Stale: see there; the same may be asked on another connection.
            Broken: the connection broke, or what came is not HTTP.
            FeedError: whatever ``take`` or the body raised.
        """
        if self._transport is None:
            raise Stale("it closed the connection without an answer")
        self._forget()
        self._uses += 1
        self.is_free = False
        self._take = take
        self._parser = HttpResponseParser(self)
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._reply
        finally:
            self._reply = self._take = self._parser = self._body = None
            if not self.is_free:
                self.close()

    def close(self) -> None:
        """Hang up, whatever is under way."""
        self.is_free = False
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    # what the event loop tells us

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read on; whatever comes unasked ends the connection."""
        reply, parser = self._reply, self._parser
        if reply is None or parser is None or reply.done():
            self.close()
            return
        self._weight += len(data)
        try:
            self._read(parser, memoryview(data))
        except HttpParserUpgrade:
            pass  # 101: its head is there, and it is an answer that brings nothing
        except HttpParserError as error:
            self._failure = self._failure or _not_http(error)
        if self._is_bloated():
            self._failure = self._failure or _not_http()
        self._settle(reply)

    def _read(self, parser: HttpResponseParser, data: memoryview) -> None:
        """Read ``data``; what stands behind a whole answer is none of it.

        The parser takes line breaks there for nothing and anything else for the next answer,
        and does not say where the first one ended. So the last byte is read by itself: if the
        answer was whole before it, there is too much, and the next answer on this connection
        might be one that we never asked for.
        """
        if len(data) > 1:
            parser.feed_data(data[:-1])
        if self._is_whole:
            self.is_free = False
        else:
            parser.feed_data(data[-1:])

    def connection_lost(self, exc: Exception | None) -> None:
        """Whatever was under way is over; a body without a length is whole."""
        self._transport = None
        self.is_free = False
        reply = self._reply
        if reply is None or reply.done():
            return
        if self._headers is None:
            kind = Stale if self._uses > 1 and not self._weight else Broken
            self._failure = kind("it closed the connection without an answer")
        elif exc is not None or _has_length(self._headers):
            self._failure = Broken("the body broke off or is framed wrongly")
        self._is_whole = True
        self._settle(reply)

    # what the parser tells us; nothing may be raised into it

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a field of the head; those after a body are of no use to us."""
        if self._headers is not None:
            return
        self._fields.append((name, value))
        if len(value) > MAX_FIELD_BYTES or len(self._fields) > MAX_FIELDS:
            self._failure = self._failure or _not_http()

    def on_headers_complete(self) -> None:
        """Ask where the body goes, unless this is an interim answer or a second one."""
        assert self._parser is not None
        assert self._take is not None
        status = self._parser.get_status_code()
        is_interim = 100 <= status < 200 and status != _SWITCHED
        if self._failure or self._headers is not None or is_interim:
            return
        self._status, self._headers = status, _read_fields(self._fields)
        try:
            self._body = self._take(status, self._headers)
        except FeedError as error:
            self._failure = error

    def on_body(self, body: bytes) -> None:
        """Add to the body, where one is taken."""
        self._given += len(body)
        if self._body is None or self._failure or self._body.is_full:
            return
        try:
            self._body.add(body)
        except FeedError as error:
            self._failure = error

    def on_message_complete(self) -> None:
        """The answer is whole, unless it was an interim one."""
        assert self._parser is not None
        if self._headers is None:
            self._fields.clear()
        elif not self._is_whole:
            self._is_whole = True
            self.is_free = (
                self._transport is not None
                and self._status != _SWITCHED
                and self._parser.should_keep_alive()
            )

    def _is_bloated(self) -> bool:
        """Whether there is more around the body than belongs there.

        The parser keeps an endless trailer in memory, and chunks of a byte each cost far more
        time than they bring: what frames a body may be as long as that, and two heads.
        """
        if self._headers is None:
            return self._weight > MAX_HEAD_BYTES
        return self._weight > 2 * (MAX_HEAD_BYTES + self._given)

    def _settle(self, reply: asyncio.Future[Answer]) -> None:
        """End the exchange if all is there, nothing more is wanted, or it failed."""
        failure, headers, body = self._failure, self._headers, self._body
        if failure is None and headers is not None:
            if not (self._is_whole or body is None or body.is_full):
                return
            try:
                content = body.finish() if body is not None else b""
            except FeedError as error:
                failure = error
            else:
                reply.set_result(Answer(self._status, headers, content))
                return
        if failure is not None:
            self.is_free = False
            reply.set_exception(failure)


def _has_length(headers: Fields) -> bool:
    """Whether the body ends by itself, and not with its connection."""
    return "content-length" in headers or "transfer-encoding" in headers


def _read_fields(lines: list[tuple[bytes, bytes]]) -> Fields:
    fields: dict[str, str] = {}
    for raw_name, raw_value in lines:
        name, value = raw_name.decode("latin-1").lower(), _text(raw_value)
        if name not in fields:
            fields[name] = value
        elif name not in _SINGLE:
            fields[name] += f", {value}"
    return fields


def _text(value: bytes) -> str:
    """ASCII as it should be, else the UTF-8 that many send, else anything."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _not_http(error: HttpParserError | None = None) -> Broken:
    broken = Broken("the answer is not HTTP as we know it", Trouble.ANSWER)
    broken.__cause__ = error
    return broken
