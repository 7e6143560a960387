"""The question people ask most: what happened lately?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.commands.grammar import find_company, parse_since
from bot.commands.views import Asker
from bot.matching import Watchers
from bot.model import Catalogue, Message, Platform
from bot.ports import StoryQuery, StoryStore

DEFAULT_SINCE = "7d"
DEFAULT_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Recent:
    """The answer.

    Attributes:
        messages: newest first, as a post would show them.
        asked: the question in words, for the head of the list.
    """

    messages: tuple[Message, ...]
    asked: str
    since: datetime


async def find_recent(
    store: StoryStore,
    catalogue: Catalogue,
    *,
    companies: Sequence[str] = (),
    also: Sequence[str] = (),
    since: str = DEFAULT_SINCE,
    limit: int = DEFAULT_LIMIT,
    platform: Platform = Platform.CONSOLE,
    workspace: str = "",
    now: datetime,
) -> Recent:
    """Stories that name any of ``companies`` and every one of ``also``, newest first.

    Args:
        companies, also: names as people write them.
        since: a span back from ``now`` or a date, see ``parse_since``.
        platform, workspace: who asks; companies that only others watch are not theirs to see.

    Raises:
        InputInvalid: a name or the time is not understood; the message says what to write.
    """
    watchers = Watchers(catalogue, await store.find_watches())
    asker = Asker(store, watchers, platform, workspace)
    catalogue = asker.catalogue
    named = tuple(dict.fromkeys(find_company(said, catalogue) for said in companies))
    required = tuple(dict.fromkeys(find_company(said, catalogue) for said in also))
    start = parse_since(since, now=now)
    stories = await store.find_stories(
        StoryQuery(
            since=start,
            companies=named,
            also=required,
            limit=limit,
            watched=watchers.ids_of(platform, workspace),
        )
    )
    return Recent(
        messages=await asker.messages(stories),
        asked=_in_words(named, required, catalogue),
        since=start,
    )


def _in_words(companies: Sequence[str], also: Sequence[str], catalogue: Catalogue) -> str:
    who = " or ".join(catalogue.name_of(one) for one in companies) or "any watched company"
    beside = "".join(f" with {catalogue.name_of(one)}" for one in also)
    return who + beside
