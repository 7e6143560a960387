"""What the record has of entries, and what a poll adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.feed import Entry, Feed


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What the store remembers of an entry when its feed lists it again.

    Attributes:
        text_hash: of title, link and summary, as ``NewEntry.text_hash``.
        listed_at: when the feed last listed it, to within a day.
        story_id: the story it belongs to, or "".
    """

    id: int
    text_hash: str
    published_at: datetime
    listed_at: datetime
    story_id: str = ""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry nobody has seen before.

    Attributes:
        published_at: the publisher's time, clamped; ``seen_at`` where there is none.
        story_id: the story it opened or joined, or "" where it is not ours.
        reasons: why it was flagged or not, one line each; () where no name was seen.
        filed: one line on why it opened or joined its story, or "".
    """

    entry: Entry
    text_hash: str
    seen_at: datetime
    published_at: datetime
    outlet: str
    story_id: str = ""
    reasons: tuple[str, ...] = ()
    filed: str = ""


@dataclass(frozen=True, slots=True)
class EditedEntry:
    """A known entry whose text or date changed; the old text is kept as a revision.

    Attributes:
        is_text_changed: False where only the date moved: no revision is kept for that.
        story_id: the story it belongs to now, or "". An entry that is in one stays where the
            store has it: only a repair moves it, and may have done so meanwhile.
        reasons: why its new text is flagged or not; they take the place of the old ones.
        filed: one line on why it opened or joined a story with this edit; "" where it stays
            in its story, or in none, and what was said of that stands.
    """

    id: int
    entry: Entry
    text_hash: str
    seen_at: datetime
    published_at: datetime
    is_text_changed: bool
    story_id: str = ""
    reasons: tuple[str, ...] = ()
    filed: str = ""


@dataclass(frozen=True, slots=True)
class FiledEntry:
    """An entry as the record has it: what it says now, and why it was filed as it was.

    Attributes:
        reasons, filed: as ``NewEntry`` has them, after the last edit.
        revision: of its text, 1 as first seen.
    """

    id: int
    outlet: str
    title: str
    link: str | None
    seen_at: datetime
    published_at: datetime
    story_id: str = ""
    reasons: tuple[str, ...] = ()
    filed: str = ""
    revision: int = 1


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An entry of a story, whole, so that it can be judged once more.

    Attributes:
        feed: the one it came by, as it stands; it may be polled no more.
        entry: as it was last published. Its keys are those that it is known under as far as
            their text is still known, the decisive one first; one at least.
        outlet, seen_at, published_at, filed: as ``FiledEntry`` has them.
    """

    id: int
    feed: Feed
    entry: Entry
    outlet: str
    seen_at: datetime
    published_at: datetime
    filed: str = ""
