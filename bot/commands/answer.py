"""What a command answers: the same for every platform, which draws it in its own way.

Everything here is plain text, nothing escaped yet; whatever strangers wrote is made harmless
by the platform that shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model import Message


class Tone(StrEnum):
    """How an answer feels; a platform may colour it."""

    PLAIN = "plain"
    DONE = "done"  # what was asked for has been done
    CAUTION = "caution"  # done, but there is something to know
    REFUSED = "refused"  # not done; the answer says what to do


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """A channel or thread within a line, by the platform's id; shown as a link to it.

    Attributes:
        parent: the channel of a thread, for platforms where a thread has no name of its own.
    """

    id: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class RoleRef:
    """A role or group within a line, by the platform's id; shown by its name, calling nobody."""

    id: str


@dataclass(frozen=True, slots=True)
class UserRef:
    """A person within a line, by the platform's id; shown by their name, calling nobody."""

    id: str


@dataclass(frozen=True, slots=True)
class Link:
    """Words within a line that lead to an address of the web; both may be a stranger's."""

    text: str
    url: str


Span = str | datetime | ChannelRef | RoleRef | UserRef | Link
"""A piece of a line; a moment is shown in the reader's own time."""

Line = str | tuple[Span, ...]
"""A line of an answer: plain text, or pieces that stand side by side with nothing between."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Sentences, one a line."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values; a moment is shown in the reader's own time."""

    rows: tuple[tuple[str, Line | datetime], ...]


@dataclass(frozen=True, slots=True)
class Stories:
    """Stories as a compact list, in the order given.

    Attributes:
        more: how many others there are that are not listed.
    """

    messages: tuple[Message, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """One story in full, as a post shows it."""

    message: Message


@dataclass(frozen=True, slots=True)
class Chart:
    """Counts side by side: bars where a platform can draw them.

    Attributes:
        unit: of the counts, in the plural ("stories a day").
    """

    rows: tuple[tuple[str, float], ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A line above what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Hint:
    """What to type next, and what it does: "/alerts settings", "changes it"."""

    command: str
    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to take home."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A button.

    Attributes:
        action: the name of an ``Action`` of bot/commands/actions.py.
        subject: what it acts on, at most 60 characters of ASCII.
        label: on it, at most 40 characters.
        is_risky: it takes something away.
        warning: what, as a question and a sentence, for platforms that ask before they do it.
    """

    action: str
    subject: str
    label: str
    is_risky: bool = False
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """Buttons side by side, at most five."""

    choices: tuple[Choice, ...]


Part = Lines | Facts | Stories | Card | Chart | Heading | Hint | File | Choices


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one command.

    Attributes:
        title: one line, never empty: it is what a notification or a screen reader says.
        parts: in order; a platform that runs out of room shortens lists first.
        is_private: only who asked sees it, where the platform can do that.
        is_for_asker: nobody else needs to see it, even where the question was put before all.
        changed_nothing: whatever its tone, it tells how things are, or asks before it changes
            them.
        done: what has been done, as it would be typed, where that is not what was typed: what
            a button did. Nobody is shown it with the answer.
    """

    title: str
    parts: tuple[Part, ...] = ()
    tone: Tone = Tone.PLAIN
    is_private: bool = True
    is_for_asker: bool = False
    changed_nothing: bool = False
    done: str = ""


def refuse(text: str, *parts: Part) -> Answer:
    """An answer to what cannot be done; ``text`` says what to do instead."""
    return Answer(text, parts, tone=Tone.REFUSED)


def list_lines(lines: Sequence[Line]) -> tuple[Part, ...]:
    """``lines`` as a part, or nothing where there is none."""
    return (Lines(tuple(lines)),) if lines else ()
