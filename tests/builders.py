"""Real values with sensible defaults, so that a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model import (
    CONSOLE,
    Coverage,
    Delivery,
    DeliveryState,
    Destination,
    Entry,
    Event,
    Feed,
    FeedOrigin,
    FeedSpec,
    Match,
    Mention,
    Message,
    Role,
    Story,
    make_delivery_id,
)

NOW = datetime(2018, 1, 9, 8, 30, tzinfo=UTC)
"""The morning after the story we measure ourselves by."""


def mention(name: str, role: Role, *, within: str, company: str = "") -> Mention:
    """The first place ``name`` stands in ``within``."""
    start = within.index(name)
    return Mention(company or name.lower(), role, start, start + len(name), name)


def feed(url: str = "https://wire.example/rss", **changes: Any) -> Feed:
    """A feed that was never polled and is due now."""
    spec = FeedSpec(url=url, title=changes.pop("title", "Example Wire"))
    made = Feed(id=1, spec=spec, origin=FeedOrigin.CONFIGURED, next_due_at=NOW)
    return replace(made, **changes)


def entry(title: str = "Huawei fails to get AT&T to sell its phones", **changes: Any) -> Entry:
    """An entry whose identity follows from its title."""
    slug = "-".join(title.lower().split())
    made = Entry(
        keys=(f"guid:{slug}",),
        guid=slug,
        link=f"https://wire.example/{slug}",
        title=title,
        summary="The carrier walked away from the plan, two people said.",
        published_at=NOW - timedelta(minutes=5),
    )
    return replace(made, **changes)


def match(**changes: Any) -> Match:
    """A relevant pair of Huawei and AT&T."""
    made = Match(
        makers=("huawei",), carriers=("att",), relevant=True, is_pair=True, event=Event.DEAL_OFF
    )
    return replace(made, **changes)


def coverage(outlet: str = "Example Wire", **changes: Any) -> Coverage:
    """One outlet's report."""
    made = Coverage(
        outlet=outlet,
        title="Huawei fails to get AT&T to sell its phones",
        link=f"https://{outlet.lower().replace(' ', '-')}.example/1",
        feed_id=1,
        entry_key="guid:1",
        seen_at=NOW,
        published_at=NOW - timedelta(minutes=5),
    )
    return replace(made, **changes)


def story(story_id: str = "s1", **changes: Any) -> Story:
    """The story of Huawei and AT&T as one outlet opened it."""
    made = Story(
        id=story_id,
        headline="Huawei fails to get AT&T to sell its phones",
        summary="The carrier walked away from the plan, two people said.",
        link="https://example-wire.example/1",
        outlet="Example Wire",
        makers=("huawei",),
        carriers=("att",),
        others=(),
        event=Event.DEAL_OFF,
        is_pair=True,
        opened_at=NOW,
        updated_at=NOW,
        published_at=NOW - timedelta(minutes=5),
        coverage=(coverage(),),
    )
    return replace(made, **changes)


def delivery(
    story_id: str = "s1",
    destination: Destination = CONSOLE,
    **changes: Any,
) -> Delivery:
    """The first revision of a story, owed now."""
    made = Delivery(
        id=make_delivery_id(story_id, destination),
        story_id=story_id,
        destination=destination,
        state=DeliveryState.OWED,
        revision=1,
        next_attempt_at=NOW,
    )
    return replace(made, **changes)


def message(**changes: Any) -> Message:
    """The message of ``story()``."""
    made = Message(
        story_id="s1",
        headline="Huawei fails to get AT&T to sell its phones",
        link="https://example-wire.example/1",
        summary="The carrier walked away from the plan, two people said.",
        makers=("Huawei",),
        carriers=("AT&T",),
        others=(),
        is_pair=True,
        event=Event.DEAL_OFF,
        outlet="Example Wire",
        published_at=NOW - timedelta(minutes=5),
    )
    return replace(made, **changes)
