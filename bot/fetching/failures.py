"""What went wrong, in one line a person can act on.

Texts of libraries are repeated only where they cannot hold a URL's secrets.
"""

from __future__ import annotations

import os
import socket
import ssl
from datetime import datetime
from http import HTTPStatus

import aiohttp
import httpx

from bot.errors import FeedUnreachable
from bot.fetching.guard import shown
from bot.fetching.hints import find_retry_after

_MEANINGS = {
    204: "there is no document",
    206: "it sent a part of the document, which we did not ask for",
    304: "nothing changed, though we did not ask for changes",
    401: "it wants a login",
    402: "it wants money",
    403: "it refuses us",
    404: "there is no such address",
    410: "the feed is gone for good",
    421: "the host does not serve this name",
    429: "we ask too often",
    451: "it is withheld for legal reasons",
    503: "it is overloaded or being repaired",
}


def unanswered(url: httpx.URL, error: Exception) -> FeedUnreachable:
    """The error for ``url`` when the exchange broke with ``error``."""
    return FeedUnreachable(f"{shown(url)}: {_explain(error)}; asked again later")


def refused(
    url: httpx.URL, status: int, headers: httpx.Headers, *, now: datetime, quiet_floor_s: float
) -> FeedUnreachable:
    """The error for an answer whose ``status`` brings no feed.

    A delay named with 429 or 503 is raised to ``quiet_floor_s`` seconds.
    """
    retry_after_s = find_retry_after(headers, now=now)
    if retry_after_s is not None and status in {429, 503}:
        retry_after_s = max(retry_after_s, quiet_floor_s)
    when = "asked again later"
    if retry_after_s is not None:
        when = f"asked again after {retry_after_s:.0f} s, as it wished"
    return FeedUnreachable(
        f"{shown(url)}: answered {_name(status)}; {when}",
        status=status,
        retry_after_s=retry_after_s,
    )


def _name(status: int) -> str:
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    meaning = _MEANINGS.get(status)
    return f"{phrase}: {meaning}" if meaning else phrase


def _explain(error: Exception) -> str:
    # The transport turns aiohttp's errors into httpx's, which tell less.
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
    match cause:
        case aiohttp.ClientConnectorDNSError():
            what = f"the name {cause.host} could not be looked up ({_reason(cause.os_error)})"
        case aiohttp.ClientConnectorCertificateError():
            what = f"its TLS certificate is not valid ({_reason(cause.certificate_error)})"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            what = f"no TLS connection could be made ({_reason(cause)})"
        case aiohttp.ClientConnectorError():
            what = f"no connection to port {cause.port} ({_reason(cause.os_error)})"
        case aiohttp.ServerDisconnectedError():
            what = "it closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            what = "the body broke off or is framed wrongly"
        case aiohttp.ClientResponseError():
            what = "the answer is not HTTP as we know it"
        case OSError():
            what = f"the connection broke ({_reason(cause)})"
        case _:
            what = f"the exchange failed ({type(cause).__name__})"
    return what


def _reason(error: BaseException) -> str:
    """What the system or the TLS library calls it, on one line, without addresses."""
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.rstrip(".")
    if isinstance(error, ssl.SSLError):
        return (error.reason or "handshake failed").replace("_", " ").lower()
    if isinstance(error, socket.gaierror):
        return error.strerror or "look-up failed"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)  # asyncio's own text repeats the address instead
    return type(error).__name__
