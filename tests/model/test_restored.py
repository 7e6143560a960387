"""What may have been posted before a backup was restored."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.model import Restored
from tests.builders import NOW, feed

HOUR = timedelta(hours=1)
RESTORED = Restored(at=NOW, backed_up_at=NOW - 9 * HOUR, posted_until=NOW - HOUR)


@pytest.mark.parametrize(
    ("published_at", "expected"),
    [(NOW - 2 * HOUR, True), (NOW - HOUR, True), (NOW - HOUR / 2, False), (None, True)],
)
def test_what_was_published_while_it_posted_may_be_posted(
    published_at: datetime | None, expected: bool
) -> None:
    assert RESTORED.is_posted(feed(answered_at=NOW - 5 * HOUR), published_at) is expected


def test_once_a_feed_was_read_all_that_is_new_in_it_is_news() -> None:
    assert not RESTORED.is_posted(feed(answered_at=NOW), NOW - 2 * HOUR)
    assert not RESTORED.is_posted(feed(answered_at=NOW + HOUR), None)


def test_a_feed_that_was_never_read_here_may_have_been_since() -> None:
    assert RESTORED.is_posted(feed(added_at=NOW - 10 * HOUR), NOW - 2 * HOUR)
    assert not RESTORED.is_posted(feed(added_at=NOW + HOUR), NOW - 2 * HOUR)
