"""Which feeds are polled: feeds.toml, OPML, or one URL a line.

All mistakes of a list are told at once, each with its line, because lists come
from elsewhere: other readers, colleagues, the web.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bot.catalogue.tomllist import read_toml_list
from bot.errors import InputInvalid
from bot.model import Company, FeedSpec
from bot.parsing.feedlists import decode_list, find_objection, list_specs, read_feed_list
from bot.parsing.listed import Listed, ListInvalid, Problem
from bot.parsing.opml import write_opml

__all__ = ["load_feed_list", "sift_feed_list", "write_opml"]

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
    specs, wrong = _load(path, tuple(companies))
    if wrong:
        raise InputInvalid(_tell(path, wrong))
    return specs


def sift_feed_list(
    path: Path, *, companies: Iterable[Company] = ()
) -> tuple[tuple[FeedSpec, ...], tuple[str, ...]]:
    """The same without the addresses that cannot be a feed's: a line for each of these beside.

    Raises:
        InputInvalid: the file cannot be read, is no list, or has no other addresses.
    """
    specs, wrong = _load(path, tuple(companies))
    if wrong and not specs:
        raise InputInvalid(_tell(path, wrong))
    return specs, tuple(_lines(path, wrong))


def _load(
    path: Path, companies: tuple[Company, ...]
) -> tuple[tuple[FeedSpec, ...], tuple[Problem, ...]]:
    """The feeds that ``path`` names, and what cannot be one.

    Raises:
        InputInvalid: the file cannot be read, or is no list.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputInvalid(f"{path}: cannot be read: {error.strerror}") from None
    try:
        listed = tuple(_read(path, raw, companies))
    except ListInvalid as error:
        raise InputInvalid(_tell(path, error.problems)) from None
    if not listed and path.suffix != ".toml":
        raise InputInvalid(f"{path}: names no feed")
    judged = [(one, find_objection(one.spec.url)) for one in listed]
    wrong = tuple(Problem(one.line, text) for one, text in judged if text)
    return list_specs(one for one, text in judged if not text), wrong


def _read(path: Path, raw: bytes, companies: tuple[Company, ...]) -> Iterable[Listed]:
    return (
        read_toml_list(decode_list(raw), companies)
        if path.suffix == ".toml"
        else read_feed_list(raw)
    )


def _tell(path: Path, problems: Iterable[Problem]) -> str:
    lines = _lines(path, problems)
    more = len(lines) - MOST_TOLD
    return "\n".join(lines[:MOST_TOLD] + ([f"{path}: and {more} more"] if more > 0 else []))


def _lines(path: Path, problems: Iterable[Problem]) -> list[str]:
    return [f"{path}:{one.line}: {one.text}" for one in sorted(problems)]
