"""The status page: what happened, how feeds are doing, what is owed.

Each answer reads a page of rows and a few sums, however much the store holds; what is read is
settled in ``bot.commands.timeline`` and in the store, what is said in ``words.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from bot.commands.command import Office
from bot.commands.timeline import (
    MATRIX_DAYS,
    Matrix,
    Timeline,
    Wanted,
    group_by_day,
    list_companies,
    load_dossier,
    load_matrix,
    load_timeline,
)
from bot.errors import InputInvalid
from bot.model import DeliveryState, Event, Role
from bot.model.condition import Condition
from bot.ports import Clock, FeedQuery
from bot.web.access import Access
from bot.web.asking import (
    DAYS,
    read_behind_or_none,
    read_text,
    read_wanted,
    read_whole,
    write_behind,
    write_wanted,
)
from bot.web.counting import Backlogs
from bot.web.drawing import CSS, Visit, answer, draw, load_icon, load_style, receive
from bot.web.rows import list_stories, make_feed_row, make_report, make_row, plain_lang
from bot.web.site import House, Route

FEEDS_PAGE = 50
MAX_SKIP = 1_000_000
MAX_PARKED = 50
SHADES = 5

_CONDITIONS = (
    Condition.FAILING,
    Condition.SILENT,
    Condition.FLAWED,
    Condition.NEW,
    Condition.WELL,
)
_STATES = tuple(DeliveryState)


class StatusPages:
    """The pages, each a handler."""

    def __init__(self, office: Office, house: House, *, clock: Clock) -> None:
        self._office = office
        self._house = house
        self._clock = clock
        self._backlogs = Backlogs(office.store, clock=clock)

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        return (
            Route("/", self.timeline),
            Route("/matrix", self.matrix),
            Route("/story/{id:[a-z2-7]{10}}", self.story),
            Route("/feeds", self.feeds),
            Route("/deliveries", self.deliveries),
            Route("/style.css", _style, Access.ALL, is_limited=False),
            Route("/icon.svg", _icon, Access.ALL, is_limited=False),
        )

    async def timeline(self, request: web.Request) -> web.Response:
        """``/``: stories, newest first, by day."""
        wanted, behind = read_wanted(request.query), read_behind_or_none(request.query)
        office = self._office
        found = await load_timeline(
            office.store, office.catalogue, wanted, behind=behind, now=self._clock()
        )
        visit = self._receive(request, "stories")
        rows = {row.id: row for row in list_stories(found)}
        days = [(day, [rows[one.id] for one in told]) for day, told in group_by_day(found.stories)]
        text = draw(
            visit,
            "timeline",
            days=days,
            langs=_plain(found.langs),
            wanted=wanted,
            is_filtered=wanted != Wanted(),
            is_behind=behind is not None,
            makers=list_companies(found.catalogue, Role.MAKER),
            carriers=list_companies(found.catalogue, Role.CARRIER),
            others=list_companies(found.catalogue, Role.OTHER),
            events=tuple(Event),
            periods=DAYS,
            **_lead_on(visit, found, wanted, self._house.keys.feed_key),
        )
        return answer(request, text)

    async def matrix(self, request: web.Request) -> web.Response:
        """``/matrix``: who was in the news with whom."""
        office = self._office
        matrix = await load_matrix(office.store, office.catalogue, now=self._clock())
        visit = self._receive(request, "matrix")
        text = draw(visit, "matrix", matrix=matrix, span=MATRIX_DAYS, shade=_Shades(matrix))
        return answer(request, text)

    async def story(self, request: web.Request) -> web.Response:
        """``/story/ID``: everything on record about one."""
        office = self._office
        found = await load_dossier(
            office.store,
            office.matcher,
            request.match_info["id"],
            close_after=office.close_after,
        )
        if found is None:
            raise web.HTTPNotFound
        told, shown = found.told, found.shown
        text = draw(
            self._receive(request),
            "story",
            row=make_row(found.story, found.catalogue),
            langs=_plain(found.langs),
            reports=[make_report(one, found.catalogue) for one in shown.entries],
            has_more=shown.has_more,
            turns=shown.turned_by,
            merged=shown.merged,
            is_merged=found.story.is_merged,
            closes_at=shown.closes_at,
            is_closed=shown.closes_at <= self._clock(),
            history=told.history if told else (),
        )
        return answer(request, text)

    async def feeds(self, request: web.Request) -> web.Response:
        """``/feeds``: how they are doing, the worst first."""
        state, skip = _condition(request), read_whole(request.query, "skip", most=MAX_SKIP)
        text = read_text(request.query, "text")
        store, now = self._office.store, self._clock()
        counts = await store.count_conditions()
        query = FeedQuery(state, tuple(text.split())[:8], skip, FEEDS_PAGE + 1)
        found = await store.find_feeds_like(query)
        visit = self._receive(request, "feeds")
        drawn = draw(
            visit,
            "feeds",
            rows=[make_feed_row(one, visit.speech, now=now) for one in found[:FEEDS_PAGE]],
            counts=[(one, counts[one]) for one in _CONDITIONS if counts.get(one)],
            total=sum(counts.values()),
            state=state,
            text=text,
            skip=skip,
            next_skip=skip + FEEDS_PAGE if len(found) > FEEDS_PAGE else 0,
            beat=await store.last_beat_or_none(),
        )
        return answer(request, drawn)

    async def deliveries(self, request: web.Request) -> web.Response:
        """``/deliveries``: what is owed to whom, and where no post is taken."""
        store = self._office.store
        counted_at, backlogs = await self._backlogs.load()
        text = draw(
            self._receive(request, "deliveries"),
            "deliveries",
            backlogs=backlogs,
            counted_at=counted_at,
            states=_STATES,
            parked=await store.find_parked(limit=MAX_PARKED),
            parked_count=sum(one.parked for one in backlogs),
        )
        return answer(request, text)

    def _receive(self, request: web.Request, section: str = "") -> Visit:
        return receive(request, section=section, can_leave=bool(self._house.keys.token))


class _Shades:
    """How dark a cell is, from 1 to ``SHADES``, by its share of the largest count."""

    def __init__(self, matrix: Matrix) -> None:
        self._most = max(1, matrix.most)

    def __call__(self, count: int) -> int:
        return min(SHADES, 1 + (count * SHADES - 1) // self._most) if self._most > 1 else 1


def _lead_on(visit: Visit, found: Timeline, wanted: Wanted, key: str) -> dict[str, object]:
    """The addresses that a page of the time line leads to: the next one, and its feeds."""
    lang = visit.speech.lang if visit.is_chosen else None
    older = write_behind(found.behind) if found.behind else ""
    return {
        "older": "./" + write_wanted(wanted, behind=older, lang=lang) if older else "",
        "newest": "./" + write_wanted(wanted, lang=lang),
        "atom": "feed.atom" + write_wanted(wanted, key=key),
        "json": "feed.json" + write_wanted(wanted, key=key),
        "has_key": bool(key),
    }


def _plain(langs: Mapping[str, str]) -> dict[str, str]:
    return {story_id: plain_lang(lang) for story_id, lang in langs.items()}


def _condition(request: web.Request) -> Condition | None:
    said = request.query.get("state", "")
    if not said:
        return None
    if said not in {one.value for one in _CONDITIONS}:
        raise InputInvalid(f"state: there is no state {said[:40]!r} of feeds")
    return Condition(said)


async def _style(request: web.Request) -> web.Response:
    return answer(request, load_style(), kind=CSS)


async def _icon(request: web.Request) -> web.Response:
    return answer(request, load_icon(), kind="image/svg+xml")
