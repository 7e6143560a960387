"""``/news story`` and ``/news why``: one story in full, and the reasons that were written down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.commands.answer import (
    Answer,
    Card,
    Facts,
    Heading,
    Hint,
    Line,
    Lines,
    Link,
    Part,
    Stories,
    refuse,
)
from bot.commands.command import Call
from bot.commands.stories import ShownStory, show_story
from bot.commands.why import MAX_FOUND, ToldStory, Why, find_why
from bot.matching import give_reasons, tell_verdict
from bot.model import FiledEntry, Message

MAX_REPORTS = 20
"""Reports of a story that a chat shows; the console shows all."""

MAX_REASONED = 5
"""Reports whose reasons a chat shows."""

MAX_REASONS = 12
"""Reasons of one report that a chat shows."""

NO_NAME = "no name of a watched company was seen in it"

NO_HEADLINE = "(no headline)"

_CHARACTER = re.compile(r", character \d+(?=[,:]| )")


async def story(call: Call) -> Answer:
    """``/news story``: by its id, a link to a report, or words.

    Raises:
        InputInvalid: nothing was named.
    """
    said = call.text("story")
    why = await _look_up(call, said)
    if why.story:
        told = why.story
        return await tell_story(call, (told.asked or told.message).story_id)
    if why.several:
        return _tell_several(why, "/news story")
    return refuse(
        f"I have no story for “{_shortened(why.asked)}”.",
        Hint("/news recent", "lists stories with their ids"),
        Hint(f"/news why {_shortened(why.asked)}", "says what became of a headline"),
    )


async def why(call: Call) -> Answer:
    """``/news why``: of a story's id, a link or words of a headline.

    Raises:
        InputInvalid: nothing was named.
    """
    return await tell_why(call, call.text("about"))


async def tell_story(call: Call, story_id: str) -> Answer:
    """The story with this id, its reports, and the stories it hangs together with.

    Raises:
        InputInvalid: there is none that the people of the call's place may see.
    """
    shown = await show_story(
        call.office.store,
        call.office.catalogue,
        story_id,
        close_after=call.office.close_after,
        platform=call.place.platform,
        workspace=call.place.workspace,
    )
    parts: list[Part] = [Card(shown.message), Facts(tuple(_list_state(shown, call.now)))]
    if tied := tuple(_list_ties(shown)):
        parts += [Heading("Hangs together with"), Lines(tied)]
    count = len(shown.entries)
    if count:
        parts += [
            Heading(f"Reports: {'more than ' if shown.has_more else ''}{count}"),
            Lines(tuple(_report(one, shown.message) for one in shown.entries[:MAX_REPORTS])),
        ]
    if count > MAX_REPORTS:
        parts.append(Lines((f"and {count - MAX_REPORTS} more",)))
    parts.append(Hint(f"/news why #{shown.message.story_id}", "says why it was posted"))
    return Answer(shown.message.headline or f"Story #{shown.message.story_id}", tuple(parts))


async def tell_why(call: Call, asked: str) -> Answer:
    """The reasons of what ``asked`` names: a story's id, a link, or words of a headline.

    Raises:
        InputInvalid: there is nothing in ``asked`` that could be looked for.
    """
    found = await _look_up(call, asked)
    if found.story:
        return _tell_reasons(found.story)
    if found.several:
        return _tell_several(found, "/news why")
    if found.passed_over:
        return _tell_passed(found)
    if found.judged:
        return _tell_judged(found)
    return refuse(
        f"Nothing on record has “{_shortened(found.asked)}”.",
        Hint("/news recent", "lists stories with their ids"),
    )


async def _look_up(call: Call, asked: str) -> Why:
    return await find_why(
        call.office.store,
        call.office.matcher,
        asked=asked,
        platform=call.place.platform,
        workspace=call.place.workspace,
    )


def _list_state(shown: ShownStory, now: datetime) -> Iterator[tuple[str, str | datetime]]:
    yield "Story", f"#{shown.message.story_id}"
    yield "First told", shown.message.published_at
    if shown.told_in is None:
        is_closed = shown.closes_at <= now
        yield ("Closed since" if is_closed else "Takes further reports until"), shown.closes_at


def _list_ties(shown: ShownStory) -> Iterator[str]:
    """The stories that this one is bound to, a line each."""
    if shown.told_in:
        yield f"It was merged into {_name(shown.told_in)}, which has its reports."
    tie = shown.message.tie
    if tie and tie.is_turn:
        yield f"It is news of #{tie.story_id} “{tie.headline}”: {tie.kind.value}."
    for turn in shown.turned_by:
        kind = f" ({turn.tie.kind.value})" if turn.tie else ""
        yield f"Later came {_name(turn)}{kind}."
    for merged in shown.merged:
        yield f"{_name(merged)} was merged into it."


def _report(entry: FiledEntry, message: Message) -> Line:
    """A report on one line: who, when, and its headline where that is another."""
    title = "" if entry.title == message.headline else f": {entry.title}"
    return (_linked(entry.outlet, entry.link), ", ", entry.published_at, title)


def _linked(text: str, link: str | None) -> str | Link:
    return Link(text, link) if link and text else text


def _tell_reasons(told: ToldStory) -> Answer:
    """Why each report of a story was taken, and why into this story."""
    message = told.message
    parts: list[Part] = []
    if told.asked:
        parts.append(Lines((f"{_name(told.asked)} was merged into it.",)))
    rows: list[tuple[str, str | datetime]] = [
        ("Story", f"#{message.story_id}"),
        ("First told", message.published_at),
    ]
    parts.append(Facts(tuple(rows)))
    for entry in told.entries[:MAX_REASONED]:
        parts += _list_reasons(entry)
    rest = len(told.entries) - MAX_REASONED
    if rest > 0:
        more = f"more than {rest}" if told.has_more else str(rest)
        parts.append(Lines((f"and {more} further report{'s' if more != '1' else ''}",)))
    if told.history:
        parts += [Heading("What became of it"), Lines(_readable(told.history))]
    parts.append(Hint(f"/news story #{message.story_id}", "shows the story with every report"))
    headline = f"“{_shortened(message.headline)}”" if message.headline.strip() else "this story"
    return Answer(f"Why I flagged {headline}", tuple(parts))


def _tell_several(why: Why, command: str) -> Answer:
    first = why.several[0].story_id
    more = " at least" if len(why.several) == MAX_FOUND else ""
    return Answer(
        f"{len(why.several)} stories{more} fit “{_shortened(why.asked)}”: which one?",
        (Stories(why.several), Hint(f"{command} #{first}", "asks for the first")),
    )


def _tell_passed(why: Why) -> Answer:
    """Reports that were read and are in no story."""
    parts: list[Part] = []
    for entry in why.passed_over[:MAX_REASONED]:
        parts += _list_reasons(entry)
    rest = len(why.passed_over) - MAX_REASONED
    if rest > 0:
        parts.append(Lines((f"and {rest} more; name further words of the headline",)))
    return Answer(f"Read and not flagged: “{_shortened(why.asked)}”", tuple(parts))


def _tell_judged(why: Why) -> Answer:
    """What we would make of a headline that never came."""
    match = why.judged
    if match is None:
        raise ValueError("there is no verdict to tell")
    reasons = give_reasons(match, why.catalogue.name_of)
    parts: list[Part] = [
        Lines(("I never read that headline. This is how I would judge it now:",)),
        Heading(tell_verdict(match, why.catalogue.name_of)),
    ]
    if reasons.lines:
        parts.append(Lines(_readable(reasons.lines)))
    parts.append(Hint("/watch add", "has a further company looked for"))
    return Answer(f"Not on record: “{_shortened(why.asked)}”", tuple(parts))


def _list_reasons(entry: FiledEntry) -> Iterator[Part]:
    times = entry.revision - 1
    edited = f", edited {'once' if times == 1 else f'{times} times'}" if times else ""
    yield Heading(f"{entry.outlet}{edited}")
    reasons = _readable(entry.reasons or (NO_NAME,))
    rest = len(reasons) - MAX_REASONS
    lines: list[Line] = [(_linked(entry.title or NO_HEADLINE, entry.link),)]
    lines += filter(None, (entry.filed, *reasons[:MAX_REASONS]))
    yield Lines((*lines, *((f"and {rest} more reasons",) if rest > 0 else ())))


def _readable(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines without the places of letters, which help with a text at hand only."""
    return tuple(_CHARACTER.sub("", line) for line in lines)


def _name(message: Message) -> str:
    return f"#{message.story_id} “{message.headline or NO_HEADLINE}”"


def _shortened(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
