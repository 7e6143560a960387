"""Who is told: a story and the subscriptions, in; deliveries owed, out.

Pure. Whether a story is news at all is settled in matching; how it is drawn
is settled by the platforms.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.matching import Watchers
from bot.model import (
    Delivery,
    DeliveryState,
    Scope,
    Story,
    Subscription,
    make_delivery_id,
)


def wants(scope: Scope, story: Story) -> bool:
    """Whether a subscription of ``scope`` asks for ``story``."""
    match scope:
        case Scope.ANY:
            return True
        case Scope.MAKERS:
            return bool(story.makers)
        case Scope.CARRIERS:
            return bool(story.carriers)
        case Scope.PAIR:
            return story.is_pair


def route(
    story: Story,
    subscriptions: Iterable[Subscription],
    *,
    watchers: Watchers,
    now: datetime,
) -> tuple[Delivery, ...]:
    """What is owed for this revision of ``story``: at most one delivery a destination.

    History is owed to nobody, and what only watchers want to nobody else; a scope is asked
    of the companies a workspace knows. A delivery that was made before is raised to this
    revision by the store, since its id is the same.
    """
    if story.is_history:
        return ()
    owed = {
        subscription.destination: Delivery(
            id=make_delivery_id(story.id, subscription.destination),
            story_id=story.id,
            destination=subscription.destination,
            state=DeliveryState.OWED,
            revision=story.revision,
            next_attempt_at=now,
        )
        for subscription in subscriptions
        if _is_for(subscription, story, watchers)
    }
    return tuple(owed.values())


def _is_for(subscription: Subscription, story: Story, watchers: Watchers) -> bool:
    place = subscription.destination
    seen = watchers.view(story, place.platform, place.workspace)
    is_news = watchers.is_for(story, place.platform, place.workspace)
    return is_news and wants(subscription.scope, seen)
