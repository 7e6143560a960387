"""Reports and stories as tests of stories need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.model import Event, Match, Story
from bot.stories import Report, find_story, make_words, open_story
from tests.builders import NOW, entry, match

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HUAWEI = "Huawei fails to get AT&T to sell its phones"


def report(
    title: str = HUAWEI,
    summary: str = "",
    *,
    outlet: str = "Example Wire",
    after: timedelta = timedelta(0),
    verdict: Match | None = None,
    **changes: Any,
) -> Report:
    """A report as it arrives ``after`` the morning of the story."""
    told = entry(title, summary=summary, published_at=NOW + after)
    made = Report(
        entry=told,
        match=verdict or match(),
        outlet=outlet,
        feed_id=1,
        seen_at=NOW + after,
        published_at=NOW + after,
        words=make_words(title, summary),
    )
    return replace(made, **changes)


def opened(first: Report | None = None, *, is_history: bool = False) -> Story:
    return open_story(first or report(), summary="It fell through.", is_history=is_history)


def only(*makers: str, carriers: tuple[str, ...] = (), **changes: Any) -> Match:
    changes = {"is_pair": False, "event": Event.LAUNCH, **changes}
    return match(makers=makers, carriers=carriers, **changes)


def joins(first: Report, second: Report) -> bool:
    return find_story(second, (opened(first),)) is not None
