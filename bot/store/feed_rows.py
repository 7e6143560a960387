"""Between rows and the model: feeds and the hubs that push them."""

from __future__ import annotations

from datetime import datetime

from bot.errors import Trouble
from bot.model import (
    Feed,
    FeedOrigin,
    FeedSpec,
    HubState,
    HubSubscription,
    Told,
    Validators,
    bucket_of,
)
from bot.store.rows import AnyRow, Values

_ORIGINS = {origin.value: origin for origin in FeedOrigin}
_TROUBLES = {trouble.value: trouble for trouble in Trouble}
_TOLD = {told.value: told for told in Told}


def feed_from_row(row: AnyRow) -> Feed:
    """A row of all columns of ``feeds``, in the order of the table; hot: every poll reads one.

    Taken apart at once, since to ask a row for thirty columns by name takes as long as to
    read it from the disk.
    """
    (
        number, url, _, origin, _, title, outlet, lang, next_due_at, interval_s,
        etag, last_modified, body_hash, first_poll_done, polled_at, changed_at, fetched_whole_at,
        failures, error, moved_to, moved_since,
        added_by, added_person, added_at, answered_at, trouble, failing_since, flaw, marks,
        gap_s, flagged_at, told, told_at, hub, topic, _,
    ) = row  # fmt: skip
    return Feed(
        id=number,
        spec=FeedSpec(url, title, outlet, lang),
        origin=_ORIGINS[origin],
        next_due_at=next_due_at,
        interval_s=interval_s,
        validators=Validators(etag, last_modified),
        body_hash=body_hash,
        first_poll_done=first_poll_done,
        polled_at=polled_at,
        changed_at=changed_at,
        fetched_whole_at=fetched_whole_at,
        failures=failures,
        error=error,
        moved_to=moved_to,
        moved_since=moved_since,
        added_by=added_by,
        added_person=added_person,
        added_at=added_at,
        answered_at=answered_at,
        trouble=_TROUBLES[trouble],
        failing_since=failing_since,
        flaw=flaw,
        marks=marks or b"",
        gap_s=gap_s,
        flagged_at=flagged_at,
        told=_TOLD[told],
        told_at=told_at,
        hub=hub,
        topic=topic,
    )


def new_feed_values(
    spec: FeedSpec,
    origin: FeedOrigin,
    *,
    next_due_at: datetime,
    now: datetime,
    added_by: str = "",
    added_person: str = "",
) -> Values:
    """A feed that was never polled, added at ``now``."""
    feed = Feed(id=0, spec=spec, origin=origin, next_due_at=next_due_at)
    return {
        "url": spec.url,
        "given_url": spec.url,
        "bucket": bucket_of(spec.url),
        "origin": origin.value,
        "is_retired": False,
        "added_by": added_by,
        "added_person": added_person,
        "added_at": now,
        "outlet": spec.outlet,
        "lang": spec.lang,
        **feed_state(feed),
    }


def feed_state(feed: Feed) -> Values:
    """What a poll may change of a feed, its address apart."""
    return {
        "title": feed.spec.title,
        "next_due_at": feed.next_due_at,
        "interval_s": feed.interval_s,
        "etag": feed.validators.etag,
        "last_modified": feed.validators.last_modified,
        "body_hash": feed.body_hash,
        "first_poll_done": feed.first_poll_done,
        "polled_at": feed.polled_at,
        "changed_at": feed.changed_at,
        "fetched_whole_at": feed.fetched_whole_at,
        "failures": feed.failures,
        "error": feed.error,
        "moved_to": feed.moved_to,
        "moved_since": feed.moved_since,
        "answered_at": feed.answered_at,
        "trouble": feed.trouble.value,
        "failing_since": feed.failing_since,
        "flaw": feed.flaw,
        "marks": feed.marks or None,
        "gap_s": feed.gap_s,
        "flagged_at": feed.flagged_at,
        "hub": feed.hub,
        "topic": feed.topic,
    }


def hub_values(subscription: HubSubscription) -> Values:
    """A row of ``hub_subscriptions``."""
    return {
        "feed_id": subscription.feed_id,
        "hub": subscription.hub,
        "topic": subscription.topic,
        "token": subscription.token,
        "secret": subscription.secret,
        "state": subscription.state.value,
        "asked_at": subscription.asked_at,
        "next_try_at": subscription.next_try_at,
        "lease_until": subscription.lease_until,
        "failures": subscription.failures,
        "error": subscription.error,
    }


def hub_from_row(row: AnyRow) -> HubSubscription:
    """A row of ``hub_subscriptions``, with the address of its feed as ``feed_url``."""
    return HubSubscription(
        feed_id=row.feed_id,
        hub=row.hub,
        topic=row.topic,
        token=row.token,
        secret=row.secret,
        state=HubState(row.state),
        asked_at=row.asked_at,
        next_try_at=row.next_try_at,
        lease_until=row.lease_until,
        failures=row.failures,
        error=row.error,
        feed_url=row.feed_url,
    )
