"""Who is told, and when: a story and the subscriptions, in; deliveries owed, out.

Pure. Whether a story is news at all is settled in matching; how it is drawn
is settled by the platforms. A post that is there follows its story without being
asked for here: no mute, and no other wish, leaves one as it was while others are edited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.matching import Watchers
from bot.model import (
    Delivery,
    DeliveryState,
    Destination,
    Story,
    Subscription,
    make_delivery_id,
)
from bot.model.timing import find_due

FIRST_POSTS = 5
"""Stories that one poll may post each by itself in a place. What a feed brings in a working
day is one or two at a time; five still fit on a screen, and more push away all that people
were talking of."""


def route(
    story: Story,
    subscriptions: Iterable[Subscription],
    *,
    watchers: Watchers,
    now: datetime,
) -> tuple[Delivery, ...]:
    """What is owed for this revision of ``story``: at most one delivery a destination.

    History is owed to nobody, what only watchers want to nobody else, and what is muted
    where it is muted to nobody; everything is asked of the story as a workspace may see it.
    A delivery that was made before is raised to this revision by the store, since its id is
    the same; its time is that of ``timing.find_due`` only until then.
    """
    if story.is_history:
        return ()
    owed: dict[Destination, Delivery] = {}
    for subscription in subscriptions:
        place = subscription.destination
        if not watchers.is_for(story, place.platform, place.workspace):
            continue
        seen = watchers.view(story, place.platform, place.workspace)
        if subscription.wants(seen) and subscription.find_mute_or_none(seen, now=now) is None:
            owed[place] = _owe(seen, subscription, now=now)
    return tuple(owed.values())


def gather_flood(owed: Iterable[Delivery], opened: Mapping[str, Story]) -> tuple[Delivery, ...]:
    """``owed`` of one poll, so that it floods no place: the rest of many come as a digest.

    Each by itself come pairs first, and then what was published last. The others are due at
    the same time, gathered, so that nothing is lost and nothing comes later.

    Args:
        opened: the stories that this poll opened, by id; posts of others are there already.
    """
    owed = tuple(owed)
    if len(owed) <= FIRST_POSTS:
        return owed
    fresh: defaultdict[Destination, list[Delivery]] = defaultdict(list)
    for one in owed:
        if one.story_id in opened and not one.is_gathered:
            fresh[one.destination].append(one)

    def rank(one: Delivery) -> tuple[bool, float]:
        story = opened[one.story_id]
        return not story.is_pair, -story.published_at.timestamp()

    rest = {one.id for some in fresh.values() for one in sorted(some, key=rank)[FIRST_POSTS:]}
    return tuple(replace(one, is_gathered=True) if one.id in rest else one for one in owed)


def _owe(story: Story, subscription: Subscription, *, now: datetime) -> Delivery:
    due, ping = find_due(subscription, now=now), subscription.ping
    return Delivery(
        id=make_delivery_id(story.id, subscription.destination),
        story_id=story.id,
        destination=subscription.destination,
        state=DeliveryState.OWED,
        revision=story.revision,
        next_attempt_at=due.at,
        ping=ping.role if ping and ping.is_for(story) else "",
        is_gathered=due.is_gathered,
        opens_thread=subscription.opens_threads,
    )
