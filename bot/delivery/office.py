"""What posts are made with, by a drain or on errands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bot.delivery.outcomes import Note
from bot.delivery.retry import RetryRules
from bot.model import Destination, Message, Platform, Story, Subscription
from bot.ports import Clock, DeliveryStore, Sender, SubscriptionStore

View = Callable[[Story, Destination], Awaitable[Story]]
Hook = Callable[[Subscription], Awaitable[None]]
IsAway = Callable[[Exception], bool]


class Outbox(DeliveryStore, SubscriptionStore, Protocol):
    """What is owed, and what those who are owed it want."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """What posts are made with; the same whether one process makes them all or many share them.

    Attributes:
        senders: one for each platform that is connected; what is owed elsewhere waits.
        render: makes the platform-neutral message of a story.
        view: gives a story as the people of a destination may see it; as it is by default.
        lease: how long a delivery may be under way before another process may take it;
            a send that takes longer is given up as unclear.
        gather: how long an edit waits that fell due while its post was being sent.
        on_parked: told once of each subscription whose platform takes no post there any
            more; what it raises changes nothing.
        on_settled: told of each delivery that was tried and marked; cheap, and never raises.
        is_away: recognises a database that is away, which is told in a line and without a
            traceback.
    """

    store: Outbox
    senders: Sequence[Sender]
    render: Callable[[Story], Message]
    clock: Clock
    view: View | None = None
    rules: RetryRules = field(default_factory=RetryRules)
    lease: timedelta = timedelta(seconds=60)
    gather: timedelta = timedelta(0)
    on_parked: Hook | None = None
    on_settled: Note | None = None
    is_away: IsAway = lambda _: False

    def by_platform(self) -> Mapping[Platform, Sender]:
        """Who sends to which platform."""
        return {one.platform: one for one in self.senders}
