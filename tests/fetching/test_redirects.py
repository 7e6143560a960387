from __future__ import annotations

import httpx
import pytest

from bot.errors import AddressRefused, FeedUnreachable
from bot.fetching.redirects import Trail

START = "http://wire.example/news/rss"


def follow(*hops: tuple[int, str], start: str = START) -> Trail:
    trail = Trail(httpx.URL(start))
    for status, location in hops:
        trail = trail.step(status, location, allow=())
    return trail


@pytest.mark.parametrize("status", [301, 308])
def test_permanent_hops_move_the_feed(status: int) -> None:
    trail = follow((status, "https://wire.example/a"), (status, "https://cdn.example/b"))

    assert (str(trail.url), trail.moved_to) == ("https://cdn.example/b", "https://cdn.example/b")


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_hop_ends_the_move(status: int) -> None:
    trail = follow((301, "https://wire.example/a"), (status, "https://cdn.example/b"), (301, "/c"))

    assert (str(trail.url), trail.moved_to) == ("https://cdn.example/c", "https://wire.example/a")


def test_a_first_temporary_hop_moves_nothing() -> None:
    assert follow((302, "/a"), (301, "/b")).moved_to == ""


def test_a_step_back_to_http_is_followed_and_never_permanent() -> None:
    trail = follow((301, "http://wire.example/a"), start="https://wire.example/rss")

    assert (str(trail.url), trail.moved_to) == ("http://wire.example/a", "")


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("feed", "http://wire.example/news/feed"),
        ("/feed", "http://wire.example/feed"),
        ("?page=2", "http://wire.example/news/rss?page=2"),
        ("//cdn.example/feed", "http://cdn.example/feed"),
        ("/naïve", "http://wire.example/na%C3%AFve"),
        ("/feed#top", "http://wire.example/feed"),
    ],
)
def test_targets_may_be_relative(location: str, expected: str) -> None:
    assert str(follow((302, location)).url) == expected


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "//[::1]/",
        "file:///etc/passwd",
        "http://user:hunter2@wire.example/",
        "http://wire.example:99999/",
        "http://[/",
        "/\x00",
    ],
)
def test_every_target_is_vetted(location: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        follow((301, location))

    assert "hunter2" not in str(caught.value)


def test_a_redirect_to_nowhere_is_an_error() -> None:
    with pytest.raises(FeedUnreachable) as caught:
        follow((302, ""))

    assert caught.value.status == 302
