"""The whole play: real poller, parser process, database and console."""

from __future__ import annotations

import asyncio
import io
import re

import pytest
from rich.console import Console

from bot.demo import play_demo
from bot.demo.samples import SAMPLE_FEEDS

HUAWEI = "AT&T walks away from deal to sell Huawei's Mate 10 Pro smartphone"
TCL = "TCL brings the BlackBerry Motion to the US on January 12, unlocked for $449"


@pytest.fixture(scope="module")
def played() -> str:
    """What a pipe gets to read of the demo; played once."""
    file = io.StringIO()
    asyncio.run(play_demo(Console(file=file, soft_wrap=True), asyncio.Event()))
    return file.getvalue()


def cards(played: str, tag: str) -> list[str]:
    """The cards of a tag, each from its headline to the empty line below."""
    return re.findall(rf"^{tag} +(.*?)\n\n", played, flags=re.MULTILINE | re.DOTALL)


def test_each_story_is_posted_once_and_nothing_else_is(played: str) -> None:
    headlines = [card.partition("\n")[0] for card in cards(played, "NEW")]

    assert sorted(headlines) == [HUAWEI, TCL]


def test_the_post_names_makers_and_carriers_and_links_the_report(played: str) -> None:
    (card,) = (card for card in cards(played, "NEW") if card.startswith(HUAWEI))

    assert "PAIR  Huawei, Xiaomi × AT&T, Verizon · deal off\n" in card
    assert card.endswith("https://harbour-wire.example/2018/01/08/att-huawei-mate-10-pro")


def test_the_second_poll_adds_an_outlet_to_the_story(played: str) -> None:
    _, later = played.split("A quarter of an hour later")
    (card,) = cards(later, "UPDATED")

    assert card.startswith(HUAWEI)
    assert "now at 4 outlets, latest first: 手机前线, Pocket Line, Meridian Journal +1" in card
    assert cards(later, "NEW") == []


def test_half_of_the_feeds_answer_304_at_the_second_poll(played: str) -> None:
    assert f"First poll: {len(SAMPLE_FEEDS)} feeds asked, 0 of them unchanged (304)" in played
    assert f"Second poll: {len(SAMPLE_FEEDS)} feeds asked, 4 of them unchanged (304)" in played


def test_the_list_at_the_end_shows_both_stories(played: str) -> None:
    _, listed = played.split("newsbot recent:")

    assert "2 stories, newest first, about" in listed
    assert re.search(r"PAIR  AT&T walks.*\n.* · deal off · 4 outlets · #\w+\n", listed)
    assert re.search(r"PAIR  TCL brings.*\n.* · 2 outlets · #\w+\n", listed)


async def test_a_stop_ends_it_early() -> None:
    file, stop = io.StringIO(), asyncio.Event()
    stop.set()

    await play_demo(Console(file=file), stop)

    assert "First poll: 0 feeds asked" in file.getvalue()
    assert "Second poll" not in file.getvalue()
