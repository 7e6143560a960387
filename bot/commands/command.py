"""What a command is, for every platform: words, options, who may, and who answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.commands.answer import Answer
from bot.matching import Matcher
from bot.model import Catalogue, Destination
from bot.ports import FeedFinder, Places, Store


class Need(StrEnum):
    """Who may use a command."""

    NOTHING = "nothing"  # everybody
    CHANNELS = "channels"  # who may manage channels
    SERVER = "server"  # who may manage the whole server or workspace


class OptionKind(StrEnum):
    """What is typed into an option, and what the handler is given for it."""

    TEXT = "text"  # str
    WHOLE = "whole"  # int
    YES = "yes"  # bool
    PICK = "pick"  # str, the value of one of the option's picks
    COMPANY = "company"  # str, a name as typed; suggestions are companies known here
    COMPANIES = "companies"  # str, names with commas between; suggestions complete the last
    EVENTS = "events"  # str, labels of events with commas between; suggestions as above
    STORY = "story"  # str, an id or words; suggestions are recent stories
    SUBJECT = "subject"  # str, a company, outlet or story to mute; suggestions of each
    MUTED = "muted"  # str, what is muted in the channel that the call is about
    WATCH = "watch"  # str, the name of a company watched here
    FEED = "feed"  # str, the address of a feed that is polled
    TIME_ZONE = "time-zone"  # str, an IANA name
    CHANNEL = "channel"  # str, the platform's id of a channel, or "channel/thread"
    ROLE = "role"  # str, the platform's id of a role or group
    FILE = "file"  # Upload


@dataclass(frozen=True, slots=True)
class Words:
    """The same in the languages that commands speak: English, Simplified Chinese."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Pick:
    """One of a few values that an option can have."""

    value: str
    label: Words


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a command.

    Attributes:
        name: in English; lower-case letters, digits, "_", at most 32.
        zh: its name in Chinese, the same bounds.
        help: one line of at most 100 characters.
        least, most: of a WHOLE.
    """

    name: str
    zh: str
    kind: OptionKind
    help: Words
    is_required: bool = False
    picks: tuple[Pick, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person gave with a command."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that commands work with; one for the whole bot.

    Attributes:
        matcher: for the companies of ``catalogue`` alone.
        finder: None where no feed may be looked for.
        places: by platform.
        close_after: how long a story stays open after its last report.
        is_feeds_open: whether feeds may be changed from a chat at all.
        max_bytes: of an uploaded file.
    """

    store: Store
    catalogue: Catalogue
    matcher: Matcher
    finder: FeedFinder | None = None
    places: Mapping[str, Places] = field(default_factory=dict)
    close_after: timedelta = timedelta(hours=120)
    is_feeds_open: bool = True
    max_bytes: int = 1_048_576


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a command.

    Attributes:
        place: where it was typed; its workspace is whose companies and subscriptions count.
        user: the platform's id of who typed it.
        values: what was given, by the name of the option; see ``OptionKind`` for the types.
        may: what this person may; NOTHING is always among it.
        is_direct: typed in a conversation with the bot alone; there are no channels then.
        lang: of the person's client, BCP 47, or "".
        sees: whether this person may know of a channel; None where they may of all.
    """

    place: Destination
    user: str
    now: datetime
    office: Office
    values: Mapping[str, Any] = field(default_factory=dict)
    may: frozenset[Need] = frozenset({Need.NOTHING})
    is_direct: bool = False
    lang: str = ""
    sees: Callable[[Destination], Awaitable[bool]] | None = None

    async def can_see(self, place: Destination) -> bool:
        """Whether the person may be told of ``place``."""
        return self.sees is None or await self.sees(place)

    def text(self, name: str, default: str = "") -> str:
        """The text of an option, without spaces around it."""
        said = self.values.get(name)
        return default if said is None else str(said).strip()


Handler = Callable[[Call], Awaitable[Answer]]
"""Answers a call. Raises InputInvalid for what a person must say otherwise, and FeedError
where a feed's server is at fault; the caller shows either as a refusal."""


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    Attributes:
        noun, verb: "/news recent"; lower-case letters.
        zh_noun, zh_verb: the same in Chinese.
        help: one line of at most 100 characters.
        is_for_servers: it means nothing in a conversation with the bot alone.
        has_form: where nothing is typed behind it, a platform that has forms shows one.
    """

    noun: str
    verb: str
    zh_noun: str
    zh_verb: str
    help: Words
    run: Handler
    options: tuple[Option, ...] = ()
    need: Need = Need.NOTHING
    is_for_servers: bool = False
    has_form: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """What a button does.

    Attributes:
        name: lower-case letters and "-", at most 20.
        run: given the button's subject as the value "subject".
        is_about_channel: the subject is a channel ("C1" or "C1/ts"), and the right is needed
            there, wherever the button stands.
    """

    name: str
    run: Handler
    need: Need = Need.NOTHING
    is_about_channel: bool = False
