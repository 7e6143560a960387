"""The names of people and groups that an answer for all to see mentions.

There a mention would ring at whoever is mentioned, so their names are written out instead.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping

from bot.commands.answer import Answer, Facts, Lines, RoleRef, Span, UserRef
from bot.errors import SendError
from bot.platforms.slack.inert import CALLS
from bot.platforms.slack.people import People

MOST = 10
"""People of one answer whose names are looked up; each may cost a question."""

NAMES_S = 3.0
"""Seconds for all of it; whoever is not known by then is "somebody"."""

log = logging.getLogger(__name__)


async def find_names(people: People, workspace: str, answer: Answer) -> Mapping[str, str]:
    """Names by id of whom ``answer`` mentions, as far as Slack tells them soon. Never raises."""
    spans = tuple(_find_spans(answer))
    users = tuple(dict.fromkeys(one.id for one in spans if isinstance(one, UserRef)))[:MOST]
    groups = {one.id for one in spans if isinstance(one, RoleRef)} - CALLS
    names: dict[str, str] = {}
    try:
        async with asyncio.timeout(NAMES_S):
            if groups:
                found = await people.find_groups(workspace)
                names |= {one.id: one.handle for one in found if one.id in groups}
            for user in users:
                if (person := await people.find_person_or_none(workspace, user)) and person.name:
                    names[user] = person.name
    except SendError as error:
        log.info("some names in workspace %s are not known: %s", workspace, error)
    except TimeoutError:
        log.info("some names in workspace %s are not known: it took too long", workspace)
    return names


def _find_spans(answer: Answer) -> Iterator[Span]:
    for part in answer.parts:
        lines: tuple[object, ...] = ()
        if isinstance(part, Lines):
            lines = part.lines
        elif isinstance(part, Facts):
            lines = tuple(value for _, value in part.rows)
        for line in lines:
            if isinstance(line, tuple):
                yield from line
