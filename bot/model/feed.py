"""A feed, what it last told us, and the entries it publishes."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import Trouble

LONGEST_WAIT = timedelta(days=8)
"""No feed waits longer for its next poll: one that is gone for good is asked once a week, and
``poll.max_interval_s`` is a week at most. What is due later was put off by a clock that ran
ahead, and is due now."""

BUCKETS = 32
"""Into so many parts the feeds are divided where several processes poll. Each part is with one
process at a time, so that more than this poll no faster. It stands in the database: another
number needs a migration."""


class FeedOrigin(StrEnum):
    """Where a feed's address came from; decides who may take it away again."""

    CONFIGURED = "configured"  # config/feeds.toml or --feeds FILE; follows that file
    ADDED = "added"  # a person added it; stays until a person removes it


class Told(StrEnum):
    """What was last told of a feed to those who chose it."""

    NOTHING = ""  # or that it is well again
    BROKEN = "broken"  # it cannot be read any more
    SILENT = "silent"  # it brings far less than it used to


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "changed since?" with, verbatim.

    Source: RFC 9110 §8.8.
    """

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """A feed as somebody names it, before it was ever polled.

    Attributes:
        url: absolute http or https address.
        title: a name for lists, or "".
        outlet: id of the outlet in the catalogue, or "" where the entries name theirs.
        lang: BCP 47 language of the entries, or "".
    """

    url: str
    title: str = ""
    outlet: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class FeedLink:
    """An address that a page calls a feed, and what it calls it, or ""."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """An address we poll, with everything the next poll needs to know.

    Attributes:
        id: the store's number for it.
        interval_s: seconds between polls that its last document asked for, or None.
        next_due_at: when it is polled next.
        polled_at: when it was last asked, answered or not.
        changed_at: when a poll last brought a new or edited entry.
        fetched_whole_at: when it was last fetched without validators.
        body_hash: SHA-256 (hex) of the last body that parsed, or "".
        first_poll_done: False until one poll has parsed; that poll is history.
        failures: failed polls in a row; 0 after a good one.
        error: one line on the last failure, or "".
        moved_to: the permanent redirect target seen at every poll since ``moved_since``.
        added_by: "platform/workspace" of the people who added it, "" for the operator.
        added_person: the platform's id of the person who did, "" where nobody is known.
        added_at: when it was first polled or added, None where that is not on record.
        answered_at: when it last gave a document or 304.
        trouble: what kind of failure the last one was; NONE after a good poll. With no
            failures: its host wants no request until ``next_due_at``.
        failing_since: when the failures in a row began.
        flaw: one line on what is wrong with a document that was read all the same, or "".
        marks: by these the items of its last document are known again; see
            ``bot.parsing.parse_feed``. Written with the entries they stand for.
        gap_s: seconds between two new entries as they came in up to ``changed_at``, or None.
        flagged_at: when it last brought news for our readers.
        told: of its state to those who chose it, and when.
        hub: of WebSub, as its last document or answer named it, or "".
        topic: the address under which the hub knows it, or "".
    """

    id: int
    spec: FeedSpec
    origin: FeedOrigin
    next_due_at: datetime
    interval_s: float | None = None
    validators: Validators = field(default_factory=Validators)
    body_hash: str = ""
    first_poll_done: bool = False
    polled_at: datetime | None = None
    changed_at: datetime | None = None
    fetched_whole_at: datetime | None = None
    failures: int = 0
    error: str = ""
    moved_to: str = ""
    moved_since: datetime | None = None
    added_by: str = ""
    added_person: str = ""
    added_at: datetime | None = None
    answered_at: datetime | None = None
    trouble: Trouble = Trouble.NONE
    failing_since: datetime | None = None
    flaw: str = ""
    marks: bytes = b""
    gap_s: float | None = None
    flagged_at: datetime | None = None
    told: Told = Told.NOTHING
    told_at: datetime | None = None
    hub: str = ""
    topic: str = ""

    @property
    def url(self) -> str:
        """The address it is polled at."""
        return self.spec.url

    @property
    def name(self) -> str:
        """What a person calls it: its title, else its address."""
        return self.spec.title or self.spec.url


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a feed published it, in plain text.

    Attributes:
        keys: identities within its feed, the decisive one first; a hit on any means seen.
        guid: the publisher's id, verbatim, or None.
        link: absolute http or https address of the article, or None.
        title: plain text on one line, as a person reads it; "" if there is none.
        summary: plain text of the description; "" if there is none.
        body: plain text of the full article where the feed carries it, else "".
        published_at: aware time as published (not clamped), or None.
        outlet_name: the outlet an aggregator names for this item (RSS ``source``), or "".
        outlet_url: that outlet's address, or "".
    """

    keys: tuple[str, ...]
    guid: str | None = None
    link: str | None = None
    title: str = ""
    summary: str = ""
    body: str = ""
    published_at: datetime | None = None
    outlet_name: str = ""
    outlet_url: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """One document, read.

    Attributes:
        title: the feed's own title, or "".
        entries: in document order, none twice.
        interval_s: how often the publisher asks to be polled (RSS ``ttl``,
            ``sy:updatePeriod``), in seconds, or None.
        marks: to be handed in with the next document, so that what stands unchanged in it
            need not be read again; b"" where that cannot be told safely.
        unchanged: items that were left unread because they were marked as known.
        flaw: one line on what is wrong with the document, "" if nothing is.
        hub, topic: WebSub, as the document names them, or "".
    """

    title: str = ""
    entries: tuple[Entry, ...] = ()
    interval_s: float | None = None
    marks: bytes = b""
    unchanged: int = 0
    flaw: str = ""
    hub: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer of a feed's server.

    Attributes:
        body: bytes after decompression; None for 304 Not Modified.
        url: the address that answered, after redirects.
        content_type: the header, verbatim, or "".
        validators: to send back next time.
        max_age_s: ``Cache-Control: max-age`` or ``Expires`` in seconds, or None.
        moved_to: where permanent redirects alone lead (301, 308), or "".
        hub, topic: WebSub, as the ``Link`` headers name them, or "".
    """

    url: str
    body: bytes | None
    content_type: str = ""
    validators: Validators = field(default_factory=Validators)
    max_age_s: float | None = None
    moved_to: str = ""
    hub: str = ""
    topic: str = ""


def host_of(url: str) -> str:
    """What stands between ``https://`` and the next slash; all that tells two hosts apart."""
    parts = url.split("/", 3)
    return parts[2] if len(parts) > 2 else url


def bucket_of(url: str) -> int:
    """The part of the feeds that one at ``url`` is in, 0 to ``BUCKETS`` - 1.

    All of a host are in one, so that whoever has it keeps the pauses its host is owed.
    """
    return zlib.crc32(host_of(url).lower().encode("utf-8", "replace")) % BUCKETS
