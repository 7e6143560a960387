"""How it is: whether the bot is well, who is at work, and what was posted, on one screen.

What counts as well is what ``/readyz`` and ``/healthz`` say (readiness.py), as it is seen from the
process that shows the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.commands.command import Office
from bot.model import Process, ProcessRole
from bot.ports import Clock
from bot.web.drawing import answer, draw, receive
from bot.web.probes import Probes
from bot.web.readiness import BEAT_WITHIN, Check
from bot.web.rows import plain_lang
from bot.web.site import House, Route
from bot.web.words import Speech

REMEMBERED = timedelta(days=1)
"""So long a process is listed that ended without a word."""


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process as the page shows it.

    Attributes:
        is_heard: it gave a sign of life in the last minute.
    """

    name: str
    host: str
    roles: tuple[str, ...]
    started_at: datetime
    beat_at: datetime
    is_heard: bool


class Overview:
    """The page, a handler."""

    def __init__(self, office: Office, house: House, probes: Probes, *, clock: Clock) -> None:
        self._office = office
        self._house = house
        self._probes = probes
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        """Where it is."""
        return (Route("/overview", self.show),)

    async def show(self, request: web.Request) -> web.Response:
        """``/overview``; where the database does not answer, what can be told without it."""
        checks = (self._probes.check_life(), *await self._probes.check_work())
        has_store = all(one.is_good for one in checks if one.name == "database")
        store, now = self._office.store, self._clock()
        processes = await store.find_processes(now, within=REMEMBERED) if has_store else ()
        posted = await store.find_newest_posted() if has_store else {}
        visit = receive(request, section="overview", can_leave=bool(self._house.keys.token))
        text = draw(
            visit,
            "overview",
            verdict=tell_verdict(checks, visit.speech),
            is_well=all(one.is_good for one in checks),
            checks=checks,
            has_store=has_store,
            processes=[_make_row(one, visit.speech, now=now) for one in processes],
            beat=await store.last_beat_or_none() if has_store else None,
            posted=[
                (platform, story, plain_lang(story.lang) if story else "")
                for platform, story in posted.items()
            ],
        )
        return answer(request, text)


def tell_verdict(checks: Sequence[Check], speech: Speech) -> str:
    """One sentence: the bot is well, or what is wrong."""
    ills = [speech(f"ill_{one.name}") for one in checks if not one.is_good]
    if not ills:
        return speech("well")
    return speech("not_well", what=("；" if speech.is_zh else "; ").join(ills))


def _make_row(process: Process, speech: Speech, *, now: datetime) -> ProcessRow:
    return ProcessRow(
        name=process.name,
        host=process.host,
        roles=tuple(speech(f"role_{one}") for one in ProcessRole if one in process.roles),
        started_at=process.started_at,
        beat_at=process.beat_at,
        is_heard=now - process.beat_at <= BEAT_WITHIN,
    )
