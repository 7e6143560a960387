"""``/news recent`` and ``/news search``, and what plain questions have in common with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from bot.commands.answer import Answer, Hint, Lines, Part, Stories
from bot.commands.command import Call
from bot.commands.recent import DEFAULT_SINCE, MAX_COUNTED, Recent, find_recent
from bot.commands.spans import Span, tell_span
from bot.commands.wishes import parse_events
from bot.errors import InputInvalid
from bot.model import Event, Scope

LIMIT = 10
"""Stories that are listed unless somebody asks for more or fewer."""

MAX_LISTED = 25
"""Stories in one answer; more are not read in a chat."""

MAX_WORDS = 8
"""Words that are looked for at the same time."""

SEARCH_SINCE = "90d"
"""How far back words are looked for; whoever searches remembers something."""

_WORD = re.compile(r"[^\W_]+(?:[&.'’-][^\W_]+)*")


async def recent(call: Call) -> Answer:
    """``/news recent``: stories of a company, of a kind, or all of them.

    Raises:
        InputInvalid: an option is not understood; the message says what to write.
    """
    company, beside = call.text("company"), call.text("with")
    companies = _names(company) if company else ()
    found = await ask(
        call,
        companies=companies or _names(beside),
        also=_names(beside) if companies else (),
        events=parse_events(call.text("event"), option="event") if call.text("event") else (),
        since=call.text("since", DEFAULT_SINCE) or DEFAULT_SINCE,
        limit=min(max(int(call.values.get("limit") or LIMIT), 1), MAX_LISTED),
    )
    given = {name: call.text(name) for name in ("company", "with", "event")}
    return tell_recent(call, found, _widen(found, given, call))


async def search(call: Call) -> Answer:
    """``/news search``: stories that have every one of some words.

    Raises:
        InputInvalid: there is no word to look for, or the time is not understood.
    """
    said = call.text("words")
    words = tuple(dict.fromkeys(_WORD.findall(said)))
    if not words:
        raise InputInvalid("Name a word of the headline, as in /news search foldable tariff")
    if len(words) > MAX_WORDS:
        raise InputInvalid(f"Name at most {MAX_WORDS} words; fewer words find more.")
    since = call.text("since") or SEARCH_SINCE
    found = await ask(call, words=words, since=since)
    hints: list[Part] = []
    if len(words) > 1:
        hints.append(Hint(f"/news search {max(words, key=len)}", "looks for one word only"))
    if not call.text("since"):
        hints.append(Hint(f"/news search {said} since:2y", "looks further back"))
    hints.append(Hint(f"/news why {said}", "looks at what was read and not posted, too"))
    return tell_recent(call, found, hints)


async def ask(
    call: Call,
    *,
    companies: Sequence[str] = (),
    also: Sequence[str] = (),
    events: Sequence[Event] = (),
    scope: Scope = Scope.ANY,
    words: Sequence[str] = (),
    since: str | Span = DEFAULT_SINCE,
    limit: int = LIMIT,
) -> Recent:
    """The stories that the people of the call's place may see; see ``find_recent``."""
    return await find_recent(
        call.office.store,
        call.office.catalogue,
        companies=companies,
        also=also,
        events=events,
        scope=scope,
        words=words,
        since=since,
        limit=limit,
        counted=MAX_COUNTED,
        platform=call.place.platform,
        workspace=call.place.workspace,
        now=call.now,
    )


def tell_recent(
    call: Call, found: Recent, if_none: Sequence[Part] = (), *, note: str = ""
) -> Answer:
    """``found`` as an answer that says what was asked; ``if_none`` follows where it is empty.

    Args:
        note: a sentence below the title.
    """
    asked = f"{found.asked[:1].upper()}{found.asked[1:]}, {tell_span(found.span, now=call.now)}"
    parts: list[Part] = [Lines((note,))] if note else []
    if not found.messages:
        return Answer(f"{asked}: nothing", (*parts, *if_none))
    count = len(found.messages) + found.more
    many = f"more than {count}" if found.has_many else str(count)
    title = f"{asked}: {many} {'story' if count == 1 else 'stories'}"
    return Answer(title, (*parts, Stories(found.messages, more=found.more)))


def _names(said: str) -> tuple[str, ...]:
    """The names in ``said``; a comma stands between several."""
    return tuple(filter(None, (one.strip() for one in re.split(r"[,，、]", said))))


def _widen(found: Recent, given: dict[str, str], call: Call) -> list[Part]:
    """What to ask instead of a question that nothing answers."""
    hints: list[Part] = []
    said = " ".join(f"{name}:{value}" for name, value in given.items() if value)
    if found.since > call.now - timedelta(days=29):
        hints.append(
            Hint(" ".join(filter(None, ("/news recent", said, "since:30d"))), "looks back a month")
        )
    if given["company"] and (given["with"] or given["event"]):
        hints.append(Hint(f"/news recent company:{given['company']}", "asks for all about it"))
    if not said:
        hints.append(Hint("/news status", "shows whether feeds are read at all"))
    hints.append(Hint("/watch add", "has a further company looked for"))
    return hints
