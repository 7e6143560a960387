"""``/feeds list``, ``import`` and ``export``: many feeds at a time."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import datetime

from bot.commands.answer import Answer, File, Hint, Lines, Part, Tone, list_lines
from bot.commands.command import Call, Upload
from bot.commands.feeds import add_feeds_for, owner_of, shown_address
from bot.commands.sources import (
    check_room,
    find_closed_or_none,
    find_refusal,
    make_specs,
)
from bot.errors import InputInvalid
from bot.model import Feed
from bot.model.condition import Condition, condition_of
from bot.parsing.feedlists import find_objection, list_specs, read_feed_list
from bot.parsing.listed import ListInvalid, Problem
from bot.parsing.opml import write_opml

ON_A_PAGE = 20
"""Feeds of one page of the list."""

MAX_IMPORTED = 500
"""Feeds of one file."""

MAX_TOLD = 10
"""Mistakes of one file that are told."""

_MARKED = frozenset({Condition.FAILING, Condition.BROKEN, Condition.SILENT})


async def list_(call: Call) -> Answer:
    """``/feeds list``: by name, those that were added here first.

    Raises:
        InputInvalid: there is no such page.
    """
    owner = owner_of(call)
    feeds = await call.office.store.find_feeds()
    if not feeds:
        return Answer("No feed is read yet", (Hint("/feeds add", "adds the first one"),))
    pages = math.ceil(len(feeds) / ON_A_PAGE)
    page = int(call.values.get("page") or 1)
    if not 1 <= page <= pages:
        has = f"pages 1 to {pages}" if pages > 1 else "one page only"
        raise InputInvalid(f"The list has {has}; there is no page {page}.")
    ordered = sorted(feeds, key=lambda feed: (feed.added_by != owner, feed.name.casefold()))
    shown = ordered[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    parts: list[Part] = [Lines(tuple(_line(feed, owner, call.now) for feed in shown))]
    if page < pages:
        parts.append(Hint(f"/feeds list page:{page + 1}", f"shows the next of {pages} pages"))
    parts.append(Hint("/feeds health", "shows how they are doing"))
    count = "1 feed is read" if len(feeds) == 1 else f"{len(feeds)} feeds are read"
    return Answer(f"{count}, page {page} of {pages}" if pages > 1 else count, tuple(parts))


async def import_(call: Call) -> Answer:
    """``/feeds import``: every feed of an OPML file, or of a list of addresses.

    Lines that cannot be a feed's are told, and the others are added.

    Raises:
        InputInvalid: it is no list, or one of too many feeds.
    """
    if closed := find_closed_or_none(call):
        return closed
    upload = call.values.get("file")
    if not isinstance(upload, Upload):
        raise InputInvalid("Give a file: OPML of a feed reader, or an address a line.")
    if len(upload.content) > call.office.max_bytes:
        most = call.office.max_bytes / 2**20
        raise InputInvalid(f"{upload.name} is larger than {most:g} MiB; split it in two.")
    try:
        listed = read_feed_list(upload.content)
    except ListInvalid as error:
        raise InputInvalid("\n".join(_tell(upload.name, error.problems))) from None
    polled = {feed.url for feed in await call.office.store.find_feeds()}
    objections = [_object(call, one.spec.url, polled) for one in listed]
    judged = tuple(zip(listed, objections, strict=True))
    wrong = [Problem(one.line, text) for one, text in judged if text]
    specs = make_specs(list_specs(one for one, text in judged if not text))
    if not specs:
        raise InputInvalid("\n".join(_tell(upload.name, wrong)) or f"{upload.name} names no feed.")
    if len(specs) > MAX_IMPORTED:
        raise InputInvalid(
            f"{upload.name} names {len(specs)} feeds; {MAX_IMPORTED} at a time is the most, "
            "so split it."
        )
    await check_room(call, sum(spec.url not in polled for spec in specs))
    added = await add_feeds_for(call, specs)
    return _tell_import(upload.name, len(added.new), len(added.known), wrong)


async def export(call: Call) -> Answer:
    """``/feeds export``: what is read, as OPML; what other workspaces added is theirs."""
    owner = owner_of(call)
    feeds = [feed for feed in await call.office.store.find_feeds() if feed.added_by in {"", owner}]
    if not feeds:
        return Answer("No feed is read yet", (Hint("/feeds add", "adds the first one"),))
    content = write_opml(feeds).encode()
    return Answer(
        f"{len(feeds)} {'feed' if len(feeds) == 1 else 'feeds'} as OPML, for any feed reader",
        (File("feeds.opml", content, "text/x-opml"),),
        tone=Tone.DONE,
        changed_nothing=True,
    )


def _object(call: Call, url: str, polled: Collection[str]) -> str:
    """Why ``url`` is left out, or ""; what is read already may lie where strangers may not go."""
    return find_objection(url) or ("" if url in polled else find_refusal(call, url))


def _tell_import(name: str, new: int, known: int, wrong: list[Problem]) -> Answer:
    said = []
    if known:
        said.append(f"{known} {'was' if known == 1 else 'were'} read already.")
    if new:
        said.append(
            "Each is read within minutes; its first reading is history, and what comes after "
            "it is posted."
        )
    parts = [*list_lines(said)]
    if wrong:
        parts.append(Lines(("These lines were left out:", *_tell(name, wrong))))
    if new:
        parts.append(Hint("/feeds health", "shows which of them cannot be read"))
    title = f"Added from {name}: {new} {'feed' if new == 1 else 'feeds'}"
    tone = Tone.CAUTION if wrong else Tone.DONE
    return Answer(title, tuple(parts), tone=tone, changed_nothing=not new)


def _tell(name: str, problems: Iterable[Problem]) -> list[str]:
    lines = [f"{name}, line {one.line}: {one.text}" for one in sorted(problems)]
    more = len(lines) - MAX_TOLD
    return lines[:MAX_TOLD] + ([f"and {more} more"] if more > 0 else [])


def _line(feed: Feed, owner: str, now: datetime) -> str:
    address = shown_address(feed, workspace=owner)
    name = f"{feed.spec.title}: {address}" if feed.spec.title else address
    marks = ["added here"] if feed.added_by == owner else []
    condition = condition_of(feed, now=now)
    marks += [condition.value] if condition in _MARKED else []
    return f"#{feed.id} {name}" + (f" ({', '.join(marks)})" if marks else "")
