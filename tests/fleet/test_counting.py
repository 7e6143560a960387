"""That a fleet's losses and repetitions would be seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from bot.model import Destination, Platform
from tests.fleet.chats import Post
from tests.fleet.counting import Findings, Stored, judge
from tests.fleet.news import News, Truth

URLS = ("http://127.1.1.1:9/0", "http://127.1.1.2:9/1")
PLACE = Destination(Platform.DISCORD, "1", "2")
HUAWEI, HONOR = "Huawei to sell its X0Q phone", "Honor to sell its X1Q phone"
TRUTH = Truth(
    [["Rain", HUAWEI], [f"Report: {HUAWEI}", HONOR]],
    {0: News(0, HUAWEI, 0.0, [0, 1]), 1: News(1, HONOR, 0.0, [1])},
)
STORED = Stored(
    (
        (URLS[0], "0-0", "Rain", ""),
        (URLS[0], "0-1", HUAWEI, "s1"),
        (URLS[1], "1-0", f"Report: {HUAWEI}", "s1"),
        (URLS[1], "1-1", HONOR, "s2"),
    )
)
POSTS = (
    Post(PLACE, 1.0, f"{HUAWEI}\nOutlet 0, also Outlet 1", 1),
    Post(PLACE, 2.0, f"{HONOR}\nOutlet 1", 0),
)


def find(stored: Stored = STORED, posts: tuple[Post, ...] = POSTS) -> Findings:
    return judge(TRUTH, URLS, stored, posts, [PLACE])


def change(place: int, **row: str) -> Stored:
    """What is stored, one entry of it changed."""
    names = ("url", "guid", "title", "story")
    rows = [dict(zip(names, each, strict=True)) for each in STORED.entries]
    rows[place] |= row
    return Stored(tuple((each["url"], each["guid"], each["title"], each["story"]) for each in rows))


def test_what_is_there_once_is_good() -> None:
    found = find()

    assert found.is_good, found.tell()
    assert (found.entries, found.news, found.posts, found.edits) == (4, 2, 2, 1)


@pytest.mark.parametrize(
    ("stored", "posts", "wrong"),
    [
        (Stored(STORED.entries[1:]), POSTS, "lost_entries"),
        (Stored((*STORED.entries, STORED.entries[0])), POSTS, "double_entries"),
        (change(0, guid="0-7"), POSTS, "double_entries"),
        (change(0, url=URLS[1]), POSTS, "double_entries"),
        (change(0, title="Sun"), POSTS, "stale_entries"),
        (change(3, story=""), POSTS, "lost_stories"),
        (change(2, story="s3"), POSTS, "double_stories"),
        (change(3, story="s1"), POSTS, "mixed_stories"),
        (replace(STORED, unsettled=Counter(["discord owed"])), POSTS, "unsettled"),
        (replace(STORED, jobs=Counter(["post.discord doing"])), POSTS, "jobs"),
        (STORED, POSTS[1:], "lost_posts"),
        (STORED, (*POSTS, POSTS[1]), "double_posts"),
        (STORED, (*POSTS, Post(PLACE, 3.0, "Rain", 0)), "double_posts"),
        (STORED, (replace(POSTS[0], text=HUAWEI), POSTS[1]), "stale_posts"),
    ],
)
def test_what_is_wrong_has_a_name(stored: Stored, posts: tuple[Post, ...], wrong: str) -> None:
    found = find(stored, posts)

    assert not found.is_good
    assert getattr(found, wrong), found.tell()
