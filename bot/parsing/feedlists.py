"""Lists of feeds from elsewhere: OPML, or an address a line.

Pure. All mistakes of a list are told at once, each with its line, because lists come
from elsewhere: other readers, colleagues, the web.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from bot.model import FeedSpec
from bot.parsing.listed import Listed, ListInvalid, Problem
from bot.parsing.opml import read_opml


def read_feed_list(raw: bytes) -> list[Listed]:
    """The feeds that ``raw`` names, in order; OPML if it begins with ``<``, else by line.

    A line is a URL, perhaps with a title behind it; ``#`` is for remarks.

    Raises:
        ListInvalid: it is no list, or not UTF-8.
    """
    text_start = raw.lstrip(codecs.BOM_UTF8 + codecs.BOM_UTF16 + b"\xfe\xff\0 \t\r\n")
    return read_opml(raw) if text_start.startswith(b"<") else list(_read_lines(decode_list(raw)))


def list_specs(listed: Iterable[Listed]) -> tuple[FeedSpec, ...]:
    """What is listed, each address once; to none of them may there be an objection."""
    first: dict[str, FeedSpec] = {}
    for one in listed:
        first.setdefault(_address(one.spec.url), one.spec)
    return tuple(first.values())


def find_objection(url: str) -> str:
    """Why ``url`` cannot be a feed's address, or "" if it can; repeats no password."""
    shown = f'"{url[:80]}"'
    if not url.isprintable() or any(sign in url for sign in ' "<>\\'):
        return f"{shown} holds signs that no address has"
    try:
        parts = urlsplit(url)
        host = parts.hostname
        port = parts.port  # raises ValueError, as an unclosed bracket does above
    except ValueError as error:
        return f"{shown} is no address: {error}"
    if "@" in parts.netloc:
        return f"an address on {host} has a user name or password, which is refused"
    if not parts.scheme and "." in url.partition("/")[0]:
        return f"{shown} is no http or https address; did you mean https://{url[:80]}?"
    if parts.scheme not in {"http", "https"} or not host:
        return f"{shown} is no http or https address"
    is_bare = not (port or parts.path.strip("/") or parts.query or set(".:") & set(host))
    is_cut = f"{shown} is no whole address: a name without a dot, and nothing behind it"
    return is_cut if is_bare else ""


def decode_list(raw: bytes) -> str:
    """UTF-8, or UTF-16 where a mark says so, as PowerShell writes it.

    Raises:
        ListInvalid: it is neither.
    """
    is_utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return raw.decode("utf-16" if is_utf16 else "utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ListInvalid([Problem(line, "is not UTF-8; save the file in UTF-8")]) from None


def _read_lines(text: str) -> Iterator[Listed]:
    for number, line in enumerate(text.split("\n"), 1):
        url, _, title = line.strip().partition(" ")
        if url and not url.startswith("#"):
            yield Listed(number, FeedSpec(url=url, title=title.strip(" \t#")))


def _address(url: str) -> str:
    """What a server is asked for: scheme and host in lower case, no fragment (RFC 3986 §6.2.2)."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.lower(), fragment="").geturl()
