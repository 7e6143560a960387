"""What happened, for whoever runs the bot: a time line of stories, and pairs in figures.

The operator sees all of it, what only some workspaces watch too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.commands.stories import ShownStory, show_story
from bot.commands.why import ToldStory, find_why
from bot.errors import InputInvalid
from bot.matching import Matcher, Watchers
from bot.model import Catalogue, Company, Event, Role, Scope, Story
from bot.ports import CompanyPair, RepairStore, StoryQuery, StoryStore

PAGE = 30
"""Stories on a page."""

MAX_TURNS = 60
"""Stories that turn those of a page; more than a few of one is nobody's news."""

MATRIX_DAYS = 30

MAX_WORDS = 8

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which stories are wanted; with nothing set all of them.

    Attributes:
        maker, carrier: ids of companies; "maker" may be any company that is no carrier.
        event: None for any kind.
        outlet, text: as people type them.
        days: of the last so many days; 0 for all there are.
        is_pair: pairs only.
    """

    maker: str = ""
    carrier: str = ""
    event: Event | None = None
    outlet: str = ""
    text: str = ""
    days: int = 0
    is_pair: bool = False

    def ask(self, *, watched: tuple[str, ...], limit: int, now: datetime) -> StoryQuery:
        """The question to the store."""
        return StoryQuery(
            since=now - timedelta(days=self.days) if self.days else _EVER,
            also=tuple(company for company in (self.maker, self.carrier) if company),
            scope=Scope.PAIR if self.is_pair else Scope.ANY,
            events=(self.event,) if self.event else (),
            outlet=self.outlet.strip(),
            words=tuple(dict.fromkeys(self.text.split()))[:MAX_WORDS],
            watched=watched,
            limit=limit,
        )


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of stories, newest first.

    Attributes:
        turns: stories that turn one of these, by its id, in order of opening.
        behind: where the next page begins; None where this is the last.
        catalogue: has a name for every company.
        langs: of the headlines of the earlier stories that these hang on, by their ids.
    """

    stories: tuple[Story, ...]
    catalogue: Catalogue
    turns: dict[str, list[Story]] = field(default_factory=dict)
    behind: tuple[datetime, str] | None = None
    langs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matrix:
    """How many stories pair each maker with each carrier.

    Attributes:
        makers, carriers: those that have any, those with most first.
        counts: only those that are not 0.
        quiet: companies of the catalogue that have none.
    """

    makers: tuple[Company, ...]
    carriers: tuple[Company, ...]
    counts: dict[CompanyPair, int]
    quiet: tuple[Company, ...]

    @property
    def most(self) -> int:
        """The largest count, 0 if there is none."""
        return max(self.counts.values(), default=0)


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything on record about a story.

    Attributes:
        told: None where another story tells it.
        langs: of the headlines of other stories that hang together with it, by their ids.
    """

    story: Story
    shown: ShownStory
    told: ToldStory | None
    catalogue: Catalogue
    langs: Mapping[str, str] = field(default_factory=dict)


async def load_timeline(
    store: StoryStore,
    catalogue: Catalogue,
    wanted: Wanted,
    *,
    behind: tuple[datetime, str] | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Timeline:
    """The newest stories of those ``wanted``, or those that come behind ``behind``.

    Raises:
        InputInvalid: there is no such company.
    """
    watchers = Watchers(catalogue, await store.find_watches())
    _check_companies(wanted, watchers.catalogue)
    query = replace(wanted.ask(watched=_watched(watchers), limit=limit + 1, now=now), behind=behind)
    found = await store.find_stories(query)
    page = found[:limit]
    turns: defaultdict[str, list[Story]] = defaultdict(list)
    for turn in await store.find_turns([story.id for story in page], limit=MAX_TURNS):
        assert turn.tie is not None
        turns[turn.tie.story_id].append(turn)
    last = (page[-1].published_at, page[-1].id) if len(found) > limit else None
    langs = await _load_langs(store, {story.tie.story_id for story in page if story.tie})
    return Timeline(page, watchers.catalogue, dict(turns), last, langs)


async def load_matrix(
    store: StoryStore, catalogue: Catalogue, *, days: int = MATRIX_DAYS, now: datetime
) -> Matrix:
    """Who was in the news with whom in the last ``days``; each count is that of a search."""
    watchers = Watchers(catalogue, await store.find_watches())
    wanted = Wanted(days=days, is_pair=True)
    counts = dict(await store.count_pairs(wanted.ask(watched=_watched(watchers), limit=0, now=now)))
    sums: Counter[str] = Counter()
    for (maker, carrier), count in counts.items():
        sums[maker] += count
        sums[carrier] += count
    known = watchers.catalogue
    quiet = [one for one in catalogue.companies.values() if one.id not in sums]
    return Matrix(
        makers=_by_sum({maker for maker, _ in counts}, sums, known),
        carriers=_by_sum({carrier for _, carrier in counts}, sums, known),
        counts=counts,
        quiet=tuple(sorted(quiet, key=lambda one: (one.role, one.name.casefold()))),
    )


async def load_dossier(
    store: RepairStore, matcher: Matcher, story_id: str, *, close_after: timedelta
) -> Dossier | None:
    """What is on record about the story with this id; None where there is none."""
    story = await store.find_story_or_none(story_id)
    if story is None:
        return None
    shown = await show_story(store, matcher.catalogue, story_id, close_after=close_after)
    why = await find_why(store, matcher, asked=story_id)
    told = why.story if why.story and why.story.asked is None else None
    tied = {one.story_id for one in (*shown.turned_by, *shown.merged)}
    langs = await _load_langs(store, tied | ({story.tie.story_id} if story.tie else set()))
    return Dossier(story, shown, told, why.catalogue, langs)


def list_companies(catalogue: Catalogue, *roles: Role) -> tuple[Company, ...]:
    """Companies of any of these roles, by name."""
    found = [one for one in catalogue.companies.values() if one.role in roles]
    return tuple(sorted(found, key=lambda one: one.name.casefold()))


def lang_of(outlet: str, catalogue: Catalogue) -> str:
    """The language that the outlet of this name writes in, "" where nobody knows."""
    known = (one.lang for one in catalogue.outlets.values() if one.name == outlet)
    return next(known, "")


async def _load_langs(store: StoryStore, ids: set[str]) -> dict[str, str]:
    """In which languages these stories' headlines are."""
    return {one.id: one.lang for one in await store.find_stories_by_id(ids)} if ids else {}


def _watched(watchers: Watchers) -> tuple[str, ...]:
    return tuple(company.id for company in watchers.companies)


def _by_sum(ids: set[str], sums: Counter[str], catalogue: Catalogue) -> tuple[Company, ...]:
    known = [catalogue.companies.get(one) or Company(one, one, Role.OTHER) for one in ids]
    return tuple(sorted(known, key=lambda one: (-sums[one.id], one.name.casefold())))


def _check_companies(wanted: Wanted, catalogue: Catalogue) -> None:
    for company in (wanted.maker, wanted.carrier):
        if company and company not in catalogue.companies:
            raise InputInvalid(f'No company has the id "{company}".')


def group_by_day(stories: Sequence[Story]) -> tuple[tuple[datetime, tuple[Story, ...]], ...]:
    """``stories``, newest first, under the first moment of each day, UTC."""
    days: defaultdict[datetime, list[Story]] = defaultdict(list)
    for story in stories:
        moment = story.published_at.astimezone(UTC)
        days[moment.replace(hour=0, minute=0, second=0, microsecond=0)].append(story)
    return tuple((day, tuple(told)) for day, told in days.items())
