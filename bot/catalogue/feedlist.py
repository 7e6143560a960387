"""Which feeds are polled: feeds.toml, OPML, or one URL a line.

All mistakes of a list are told at once, each with its line, because lists come
from elsewhere: other readers, colleagues, the web.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bot.catalogue.listed import Listed, ListInvalid, Problem
from bot.catalogue.opml import read_opml, write_opml
from bot.catalogue.tomllist import read_toml_list
from bot.errors import InputInvalid
from bot.model import Company, FeedSpec

__all__ = ["load_feed_list", "write_opml"]

MOST_TOLD = 20
"""Mistakes of one file that are told; a wrong kind of file has one a line."""


def load_feed_list(path: Path, *, companies: Iterable[Company] = ()) -> tuple[FeedSpec, ...]:
    """The feeds that ``path`` names, in order, each address once.

    ``.toml`` is read as config/feeds.toml is; anything else by its content: OPML if it
    begins with ``<``, else a URL a line, perhaps with a title behind it, ``#`` for remarks.

    Args:
        companies: whom the searches of a TOML list can be for; without any, searches
            are left out.

    Raises:
        InputInvalid: the file cannot be read, or a line for each mistake in it.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputInvalid(f"{path}: cannot be read: {error.strerror}") from None
    try:
        listed = tuple(_read(path, raw, tuple(companies)))
    except ListInvalid as error:
        raise InputInvalid(_tell(path, error.problems)) from None
    wrong = [Problem(one.line, text) for one in listed if (text := find_objection(one.spec.url))]
    if wrong:
        raise InputInvalid(_tell(path, wrong))
    if not listed and path.suffix != ".toml":
        raise InputInvalid(f"{path}: names no feed")
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
        _ = parts.port  # raises ValueError, as an unclosed bracket does above
    except ValueError as error:
        return f"{shown} is no address: {error}"
    if "@" in parts.netloc:
        return f"an address on {host} has a user name or password, which is refused"
    if not parts.scheme and "." in url.partition("/")[0]:
        return f"{shown} is no http or https address; did you mean https://{url[:80]}?"
    if parts.scheme not in {"http", "https"} or not host:
        return f"{shown} is no http or https address"
    return ""


def _read(path: Path, raw: bytes, companies: tuple[Company, ...]) -> Iterable[Listed]:
    if path.suffix == ".toml":
        return read_toml_list(_decode(raw), companies)
    text_start = raw.lstrip(codecs.BOM_UTF8 + codecs.BOM_UTF16 + b"\xfe\xff\0 \t\r\n")
    return read_opml(raw) if text_start.startswith(b"<") else _read_lines(_decode(raw))


def _decode(raw: bytes) -> str:
    """UTF-8, or UTF-16 where a mark says so, as PowerShell writes it."""
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


def _tell(path: Path, problems: Iterable[Problem]) -> str:
    lines = [f"{path}:{one.line}: {one.text}" for one in sorted(problems)]
    more = len(lines) - MOST_TOLD
    return "\n".join(lines[:MOST_TOLD] + ([f"{path}: and {more} more"] if more > 0 else []))
