"""Addresses of strangers as they may stand behind words of ours.

Source: RFC 3986 §2.1 percent-encoding, §3.2.1 user information.
"""

from __future__ import annotations

import errno
import ipaddress
import re
from urllib.parse import quote, urlsplit

MAX_ADDRESS = 1000
"""Characters of an address behind a label; a longer one would leave no room for words."""

_SAFE = "!#$%&+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?", re.IGNORECASE)
_USUAL_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*")
_SHOWN = re.compile(r"://|\bwww\.", re.IGNORECASE)


def address_or_none(link: str | None) -> str | None:
    """``link`` as it may stand behind a label: ASCII, with nothing in it that ends a markup.

    Brackets, quotes, bars, stars and spaces are percent-encoded. None for what is no web
    address, names a user (a trick to look like another site), or is longer than ``MAX_ADDRESS``.
    """
    try:
        parts = urlsplit((link or "").strip())
        host, port = parts.hostname or "", parts.port
        named = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:  # a broken port, or a name that is none
        return None
    is_web = parts.scheme in {"http", "https"} and "@" not in parts.netloc
    if not is_web or not _HOST.fullmatch(named):
        return None
    rest = (
        parts.path + (parts.query and f"?{parts.query}") + (parts.fragment and f"#{parts.fragment}")
    )
    place = named if port is None else f"{named}:{port}"
    made = f"{parts.scheme}://{place}{quote(rest, safe=_SAFE, errors='replace')}"
    return made if len(made) <= MAX_ADDRESS else None


def has_usual_host(address: str) -> bool:
    """Whether ``address``, as ``address_or_none`` gives it, is at a host like "news.example"."""
    return _USUAL_HOST.fullmatch(urlsplit(address).hostname or "") is not None


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine by its very spelling; no name is looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shows_address(text: str) -> bool:
    """Whether a reader could take words of ``text`` for the place that a link leads to."""
    return _SHOWN.search(text) is not None


def explain_listening(error: OSError) -> str:
    """Why nobody can listen at an address, and what the operator can do; follows the address.

    asyncio of Python 3.13.0 gives no number where no address of the host is this machine's.
    """
    return {
        errno.EADDRINUSE: "is taken by another program; stop that one or choose another port",
        errno.EADDRNOTAVAIL: "is no address of this machine; 0.0.0.0 stands for all it has",
        errno.EACCES: "may not be used by this user; choose a port from 1024 on",
    }.get(error.errno or errno.EADDRNOTAVAIL, f"cannot be listened at: {error.strerror}")
