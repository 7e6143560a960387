"""What the core asks of the store so that it does not grow for ever."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class RetentionStore(Protocol):
    """The part of the store that drops what is old enough, in steps for which nobody waits long."""

    async def forget_stories(self, before: datetime) -> int:
        """Drop stories not updated since ``before``, with what was delivered of them.

        Not those of which something is owed, nor those that a younger one turns or tells. Their
        entries stay, so that none of them comes back as news.
        """
        ...

    async def forget_entries_of_gone(self, before: datetime) -> int:
        """Drop entries of dropped stories that no feed listed since ``before``."""
        ...

    async def forget_audit(self, before: datetime) -> int:
        """Drop what was noted before that of who changed what."""
        ...

    async def forget_mutes(self, before: datetime) -> int:
        """Drop mutes that ended before that."""
        ...

    async def forget_marks(self, before: datetime) -> int:
        """Drop what feeds were read by that are polled no more, and were not since ``before``."""
        ...
