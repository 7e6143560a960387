"""Between rows and the model: destinations, what they want, what they are owed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from bot.model import (
    Delivery,
    DeliveryState,
    Destination,
    Event,
    Feedback,
    Mute,
    MuteKind,
    Ping,
    Platform,
    QuietHours,
    Rhythm,
    Scope,
    Subscription,
)
from bot.store.rows import AnyRow, Values


def destination_values(destination: Destination) -> Values:
    """The four columns that name a destination."""
    return {
        "platform": destination.platform.value,
        "workspace": destination.workspace,
        "channel": destination.channel,
        "thread": destination.thread,
    }


def destination_from_row(row: AnyRow) -> Destination:
    """The destination a row of ``deliveries`` or ``subscriptions`` names."""
    return Destination(Platform(row.platform), row.workspace, row.channel, row.thread)


def subscription_values(subscription: Subscription) -> Values:
    """A subscription without its mutes and the time it was made."""
    quiet, ping = subscription.quiet, subscription.ping
    return {
        **destination_values(subscription.destination),
        "scope": subscription.scope.value,
        "events": _event_words(subscription.events),
        "companies": subscription.companies,
        "min_outlets": subscription.min_outlets,
        "rhythm": subscription.rhythm.value,
        "at": subscription.at.isoformat(),
        "time_zone": subscription.time_zone,
        "quiet_start": quiet.start.isoformat() if quiet else None,
        "quiet_end": quiet.end.isoformat() if quiet else None,
        "ping_role": ping.role if ping else None,
        "ping_is_for_pairs": ping is not None and ping.is_for_pairs,
        "ping_events": _event_words(ping.events) if ping else (),
        "opens_threads": subscription.opens_threads,
        "paused_until": subscription.paused_until,
        "parked": subscription.parked,
        "subscribed_by": subscription.subscribed_by,
    }


def subscription_from_rows(row: AnyRow, muted: Iterable[AnyRow]) -> Subscription:
    """A row of ``subscriptions`` with its rows of ``mutes``."""
    return Subscription(
        destination=destination_from_row(row),
        scope=Scope(row.scope),
        events=tuple(map(Event, row.events)),
        companies=row.companies,
        min_outlets=row.min_outlets,
        rhythm=Rhythm(row.rhythm),
        at=time.fromisoformat(row.at),
        time_zone=row.time_zone,
        quiet=_quiet_or_none(row),
        ping=_ping_or_none(row),
        opens_threads=row.opens_threads,
        paused_until=row.paused_until,
        parked=row.parked,
        subscribed_by=row.subscribed_by,
        mutes=tuple(
            Mute(MuteKind(mute.kind), mute.subject, mute.until, mute.muted_by) for mute in muted
        ),
    )


def mute_values(subscription_id: int, muted: Iterable[Mute]) -> list[Values]:
    """A row for each mute, in order; of two about the same thing the last one counts."""
    last = {(mute.kind, mute.subject): mute for mute in muted}
    return [
        {
            "subscription_id": subscription_id,
            "kind": mute.kind.value,
            "subject": mute.subject,
            "position": position,
            "until": mute.until,
            "muted_by": mute.by,
        }
        for position, mute in enumerate(last.values())
    ]


def feedback_values(said: Feedback) -> Values:
    """A row of ``feedback``."""
    return {
        "story_id": said.story_id,
        "platform": said.platform.value,
        "workspace": said.workspace,
        "said_by": said.user,
        "said_at": said.said_at,
        "companies": said.companies,
        "headline": said.headline,
    }


def feedback_from_row(row: AnyRow) -> Feedback:
    """What a row of ``feedback`` says."""
    return Feedback(
        story_id=row.story_id,
        platform=Platform(row.platform),
        workspace=row.workspace,
        user=row.said_by,
        said_at=row.said_at,
        companies=row.companies,
        headline=row.headline,
    )


def delivery_values(delivery: Delivery) -> Values:
    """A delivery that nobody has leased; when its story was opened, the story knows."""
    return {
        "id": delivery.id,
        "story_id": delivery.story_id,
        **destination_values(delivery.destination),
        "state": delivery.state.value,
        "revision": delivery.revision,
        "sent_revision": delivery.sent_revision,
        "message_ref": delivery.message_ref,
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.next_attempt_at,
        "lease_until": None,
        "error": delivery.error,
        "unclear_since": delivery.unclear_since,
        "was_unclear": delivery.unclear_since is not None,
        "ping": delivery.ping,
        "is_gathered": delivery.is_gathered,
        "opens_thread": delivery.opens_thread,
        "digest_id": "",
    }


def delivery_from_row(row: AnyRow) -> Delivery:
    """A row of ``deliveries``."""
    return Delivery(
        id=row.id,
        story_id=row.story_id,
        destination=destination_from_row(row),
        state=DeliveryState(row.state),
        revision=row.revision,
        next_attempt_at=row.next_attempt_at,
        sent_revision=row.sent_revision,
        message_ref=row.message_ref,
        attempts=row.attempts,
        error=row.error,
        unclear_since=row.unclear_since,
        ping=row.ping,
        is_gathered=row.is_gathered,
        opens_thread=row.opens_thread,
        opened_at=row.opened_at,
    )


def _event_words(events: Iterable[Event]) -> tuple[str, ...]:
    return tuple(event.value for event in events)


def _quiet_or_none(row: AnyRow) -> QuietHours | None:
    if row.quiet_start is None:
        return None
    return QuietHours(time.fromisoformat(row.quiet_start), time.fromisoformat(row.quiet_end))


def _ping_or_none(row: AnyRow) -> Ping | None:
    if row.ping_role is None:
        return None
    events = tuple(map(Event, row.ping_events))
    return Ping(row.ping_role, is_for_pairs=row.ping_is_for_pairs, events=events)
