"""What a restored database cannot know: what was posted after its backup was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.feed import Feed


@dataclass(frozen=True, slots=True)
class Restored:
    """A database was restored from a backup.

    Attributes:
        at: when that was.
        backed_up_at: when the backup was made; what is here is of then.
        posted_until: what was published by then counts as posted.
    """

    at: datetime
    backed_up_at: datetime
    posted_until: datetime

    def is_posted(self, feed: Feed, published_at: datetime | None) -> bool:
        """Whether an entry that ``feed`` lists, and that is not known here, may be posted already.

        So it may where the feed was not read since; once it was, all that is new is news. What
        has no date may be of any time.
        """
        read_at = feed.answered_at or feed.polled_at or feed.added_at
        if read_at is not None and read_at >= self.at:
            return False
        return published_at is None or published_at <= self.posted_until
