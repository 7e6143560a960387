"""What the core asks of the store about who wants to hear what, and what is owed to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.model import (
    Delivery,
    Destination,
    Feedback,
    Mute,
    MuteKind,
    Owed,
    Platform,
    Subscription,
)


class SubscriptionStore(Protocol):
    """The part of the store that knows who wants to hear what."""

    async def find_subscriptions(
        self, platform: Platform | None = None, workspace: str | None = None
    ) -> tuple[Subscription, ...]:
        """Every subscription with its mutes, or those of a platform or workspace, oldest first."""
        ...

    async def find_subscription_or_none(self, destination: Destination) -> Subscription | None:
        """The subscription of ``destination`` with its mutes."""
        ...

    async def subscribe(
        self, subscription: Subscription, *, now: datetime, owed_at: datetime | None = None
    ) -> int:
        """Add ``subscription``, or let it take the place of its destination's.

        Mutes that are there stay as they are, see ``change_mutes``; and without ``owed_at``
        so do a pause and what keeps the platform from posting there, as they hold back what
        is owed: whoever calls this may have read them before they changed. Gives how many
        stories ``owed_at`` moved, 0 without it.

        Args:
            owed_at: when what is owed there and not posted yet is to be posted, as one post;
                None leaves each at its time.
        """
        ...

    async def change_mutes(
        self,
        destination: Destination,
        *,
        now: datetime,
        add: Sequence[Mute] = (),
        drop: Collection[tuple[MuteKind, str]] = (),
    ) -> Subscription | None:
        """The subscription of ``destination`` with other mutes, in one step; None without one.

        Those that ran out by ``now`` are forgotten.

        Args:
            add: each takes the place of one of the same subject.
            drop: kind and subject of those to be forgotten.
        """
        ...

    async def unsubscribe(self, destination: Destination) -> bool:
        """Forget its subscription and what is owed there; False if there is none.

        Posts that are there are not edited any more.
        """
        ...

    async def park(self, destination: Destination, *, reason: str) -> Subscription | None:
        """Note that the platform takes no post there; what is owed waits for a person.

        Gives the subscription the first time, so that one notice is made of it; None where it
        is parked already or there is none. Without one what is owed is given up.
        """
        ...

    async def move(self, destination: Destination, *, to: Destination) -> Subscription | None:
        """Have its subscription stand at ``to``, with what is owed: the channel got another id.

        Gives it as it stands there; None where there is none, or one at ``to`` already. Posts
        that are there, or may be, are not edited any more.
        """
        ...

    async def add_feedback(self, feedback: Feedback) -> bool:
        """Keep ``feedback``; False where this person said so of this story before."""
        ...

    async def find_feedback(
        self, platform: Platform, workspace: str, *, limit: int
    ) -> tuple[Feedback, ...]:
        """What people of this workspace said, newest first."""
        ...


class DeliveryStore(Protocol):
    """The outbox: nothing is sent that was not committed as owed first."""

    async def lease_deliveries(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        platforms: Collection[Platform] | None = None,
        at: Destination | None = None,
    ) -> tuple[Owed, ...]:
        """Take deliveries due at ``now``, and those whose lease ran out.

        They are committed durably as SENDING before this returns, with the time as
        ``unclear_since`` of those that have none, so that a crash during the call is seen
        afterwards; what is given has it as it was before. Deliveries of one destination keep
        the order of their stories; destinations that are owed a fresh story come first, then
        those that wait longest. Of those that are gathered, all that are due in a destination
        come as one, led by the oldest.

        Args:
            limit: at most so many posts.
            platforms: those that are connected, None for all; others wait.
            at: only what is owed there: the next first post, and edits that are due.
        """
        ...

    async def mark_sent(
        self, delivery_id: str, *, revision: int, message_ref: str, edits_at: datetime
    ) -> None:
        """Note that the platform shows ``revision``; owed again if the story moved on.

        In that case from ``edits_at`` on, so that what is still to come joins the edit. With
        the leader of a digest all its stories are sent, and none is owed again.
        """
        ...

    async def mark_retry(
        self,
        delivery_id: str,
        *,
        next_attempt_at: datetime,
        error: str,
        is_unclear: bool,
        count_to: int | None = None,
        leased_until: datetime | None = None,
    ) -> None:
        """Note a failed attempt; owed again from ``next_attempt_at`` on.

        Args:
            is_unclear: this attempt may have made the post all the same. Where neither it nor
                an earlier one may have, nobody needs to search for the post.
            count_to: its failed attempts are counted up to this number, and none above it by
                this call; None for all.
            leased_until: what ``Owed`` said; where others took it since, nothing is noted.
                None: whoever holds it.
        """
        ...

    async def mark_gone(self, delivery_id: str, *, error: str) -> None:
        """Note that people deleted the post: nothing is owed any more, whatever comes."""
        ...

    async def find_delivery_or_none(self, delivery_id: str) -> Delivery | None:
        """The delivery with this id."""
        ...

    async def mark_failed(
        self,
        delivery_id: str,
        *,
        error: str,
        is_unclear: bool,
        leased_until: datetime | None = None,
    ) -> None:
        """Give up on it, keeping the reason; a later revision of its story is tried again.

        A digest that may be there is not: its stories would come once more.

        Args:
            is_unclear, leased_until: as for ``mark_retry``.
        """
        ...

    async def release_leases(self) -> int:
        """Make every SENDING delivery owed at once; for the sole process of a database."""
        ...

    async def find_due_places(
        self,
        now: datetime,
        platform: Platform,
        *,
        limit: int,
        but_not: Collection[str] = (),
        since: datetime | None = None,
    ) -> tuple[Destination, ...]:
        """Where on ``platform`` something may be posted at ``now``, news first.

        Args:
            limit: deliveries that are looked at, of the fresh and of all.
            but_not: keys of destinations that are left out.
            since: what was due by then already is left out.
        """
        ...

    async def next_attempt_at(self) -> datetime | None:
        """When the earliest owed delivery may be tried, or None if none is owed."""
        ...
