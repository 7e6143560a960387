from __future__ import annotations

from datetime import timedelta

from bot.model import Feed
from bot.pipeline.moves import follow_move
from tests.builders import NOW, feed

WEEK = timedelta(days=7)
OLD, NEW = "https://wire.example/rss", "https://news.example/rss"


def follow(old: Feed, moved_to: str, *, after: timedelta = timedelta(0)) -> Feed:
    return follow_move(old, moved_to, adopt_after=WEEK, now=NOW + after)


def test_a_move_is_adopted_after_a_week_of_the_same_answer() -> None:
    seen = follow(feed(OLD), NEW)
    waiting = follow(seen, NEW, after=WEEK - timedelta(seconds=1))
    adopted = follow(waiting, NEW, after=WEEK)

    assert (seen.url, waiting.url, adopted.url) == (OLD, OLD, NEW)
    assert (adopted.moved_to, adopted.moved_since) == ("", None)


def test_an_answer_from_the_old_address_starts_the_wait_anew() -> None:
    back = follow(follow(feed(OLD), NEW), "", after=timedelta(days=3))
    again = follow(back, NEW, after=timedelta(days=8))

    assert again.url == OLD
    assert again.moved_since == NOW + timedelta(days=8)


def test_another_target_starts_the_wait_anew() -> None:
    other = follow(follow(feed(OLD), NEW), "https://third.example/rss", after=WEEK)

    assert (other.url, other.moved_since) == (OLD, NOW + WEEK)


def test_the_same_address_over_https_is_adopted_at_once() -> None:
    moved = follow(feed("http://wire.example/rss?x=1"), "https://wire.example/rss?x=1")

    assert moved.url == "https://wire.example/rss?x=1"


def test_https_to_http_waits_like_any_move() -> None:
    assert follow(feed(OLD), "http://wire.example/rss").url == OLD


def test_https_on_another_path_waits_like_any_move() -> None:
    assert follow(feed("http://wire.example/rss"), "https://wire.example/login").url == (
        "http://wire.example/rss"
    )
