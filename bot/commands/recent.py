"""The question people ask most: what happened lately?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.commands.grammar import find_company, parse_since
from bot.commands.spans import Span
from bot.commands.views import Asker
from bot.matching import Watchers
from bot.model import Catalogue, Event, Message, Platform, Scope
from bot.ports import StoryQuery, StoryStore

DEFAULT_SINCE = "7d"
DEFAULT_LIMIT = 20

MAX_COUNTED = 100
"""Stories that are counted beyond those that are shown."""


@dataclass(frozen=True, slots=True)
class Recent:
    """The answer.

    Attributes:
        messages: newest first, as a post would show them.
        asked: the question in words, for the head of the list.
        more: how many others fit that are not among them.
        has_many: there are even more than that.
        span: from when on, until when.
    """

    messages: tuple[Message, ...]
    asked: str
    span: Span
    more: int = 0
    has_many: bool = False

    @property
    def since(self) -> datetime:
        """From when on."""
        return self.span.since


async def find_recent(
    store: StoryStore,
    catalogue: Catalogue,
    *,
    companies: Sequence[str] = (),
    also: Sequence[str] = (),
    events: Sequence[Event] = (),
    scope: Scope = Scope.ANY,
    words: Sequence[str] = (),
    since: str | Span = DEFAULT_SINCE,
    limit: int = DEFAULT_LIMIT,
    counted: int = 0,
    platform: Platform = Platform.CONSOLE,
    workspace: str = "",
    now: datetime,
) -> Recent:
    """Stories that name any of ``companies`` and every one of ``also``, newest first.

    Args:
        companies, also: names as people write them, or ids.
        events: of these kinds only, () for all.
        words: every one of them stands in what the story says.
        since: a span back from ``now`` or a date, see ``parse_since``, or a span.
        counted: how many further stories are counted, though not shown.
        platform, workspace: who asks; companies that only others watch are not theirs to see.

    Raises:
        InputInvalid: a name or the time is not understood; the message says what to write.
    """
    watchers = Watchers(catalogue, await store.find_watches())
    asker = Asker(store, watchers, platform, workspace)
    catalogue = asker.catalogue
    named, required = (
        tuple(dict.fromkeys(find_company(one, catalogue, platform=platform) for one in said))
        for said in (companies, also)
    )
    span = Span(parse_since(since, now=now)) if isinstance(since, str) else since
    most = limit + counted + 1 if counted else limit
    query = StoryQuery(
        since=span.since,
        until=span.until,
        companies=named,
        also=required,
        events=tuple(events),
        scope=scope,
        words=tuple(words),
        limit=most,
        watched=watchers.ids_of(platform, workspace),
    )
    stories = await store.find_stories(query)
    has_many = bool(counted) and len(stories) == most
    return Recent(
        messages=await asker.messages(stories[:limit]),
        asked=_in_words(query, catalogue),
        span=span,
        more=max(0, len(stories) - limit - has_many),
        has_many=has_many,
    )


def _in_words(query: StoryQuery, catalogue: Catalogue) -> str:
    """The question for people, without its time: "Huawei with AT&T, ban or sanction"."""
    who = " or ".join(map(catalogue.name_of, query.companies))
    beside = "".join(f" with {catalogue.name_of(one)}" for one in query.also)
    pairs = ", as pairs" if query.scope is Scope.PAIR and who else ""
    happened = f", {' / '.join(event.label for event in query.events)}" if query.events else ""
    words = " and ".join(f"“{word}”" for word in query.words)
    said = f", saying {words}" if words else ""
    return (who or _ANYBODY[query.scope]) + beside + pairs + happened + said


_ANYBODY = {
    Scope.ANY: "any watched company",
    Scope.MAKERS: "any handset maker",
    Scope.CARRIERS: "any carrier",
    Scope.PAIR: "any handset maker with a carrier",
}
