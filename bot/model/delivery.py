"""What is owed to whom, and the message that pays it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.company import Event
from bot.model.destination import Destination
from bot.model.story import Story, Tie


class DeliveryState(StrEnum):
    """Life of a delivery: owed → sending → sent; a changed story makes it owed again."""

    OWED = "owed"
    SENDING = "sending"  # committed before the call; unclear after a crash
    SENT = "sent"
    FAILED = "failed"  # given up, with the reason kept
    GONE = "gone"  # people deleted the post, or left; nothing is owed any more


def make_delivery_id(story_id: str, destination: Destination) -> str:
    """The id of the one delivery a story and a destination can have: 24 characters.

    Deterministic, so that deciding twice owes once; short enough for a Discord
    nonce (at most 25 characters).
    """
    digest = hashlib.sha256(f"{story_id}\n{destination.key}".encode()).hexdigest()
    return digest[:24]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One story owed to one destination.

    Attributes:
        revision: the story's revision to be shown.
        sent_revision: the revision the platform has, 0 if none.
        message_ref: the platform's id of the posted message, "" until posted.
        attempts: failed attempts at this revision; of those that say nothing against it, as
            its platform was away, only the first few.
        next_attempt_at: not before this time.
        error: one line on the last failure, or "".
        unclear_since: when the first call was made that may have posted it without our
            knowing; None where there was none. Whoever sends it looks for the post first.
        ping: the platform's id of the role its first post calls, or "".
        is_gathered: its first post is made together with all others of its destination that
            are gathered and due.
        opens_thread: replies to its post go into a thread of the post.
        opened_at: when its story was; None before the store has it.
    """

    id: str
    story_id: str
    destination: Destination
    state: DeliveryState
    revision: int
    next_attempt_at: datetime
    sent_revision: int = 0
    message_ref: str = ""
    attempts: int = 0
    error: str = ""
    unclear_since: datetime | None = None
    ping: str = ""
    is_gathered: bool = False
    opens_thread: bool = False
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """A leased delivery together with the story it must show.

    Attributes:
        others: the further stories that its post shows, in order of opening; they are leased
            and marked with it, and stay together however often it is tried.
        reply_to: the platform's id of the post in the same destination whose thread this one
            belongs to, or "".
        leased_until: others may take it from then on; each lease of a delivery has another.
    """

    delivery: Delivery
    story: Story
    others: tuple[Story, ...] = ()
    reply_to: str = ""
    leased_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An outlet's name and the address of its report."""

    outlet: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A story as every platform shows it; plain text, nothing escaped yet.

    Attributes:
        makers, carriers, others: names as people know them, not ids.
        also: other outlets that report it, in order of arrival.
        tie: the earlier story that this one turns, or that tells it now.
    """

    story_id: str
    headline: str
    link: str | None
    summary: str
    makers: tuple[str, ...]
    carriers: tuple[str, ...]
    others: tuple[str, ...]
    is_pair: bool
    event: Event
    outlet: str
    published_at: datetime
    also: tuple[Source, ...] = ()
    revision: int = 1
    tie: Tie | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """Several stories in one post, in order of opening; it is never edited."""

    messages: tuple[Message, ...]
