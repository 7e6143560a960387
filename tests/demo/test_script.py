"""The whole play: real poller, parser process, database and console."""

from __future__ import annotations

import asyncio
import io
import re

import pytest
from rich.console import Console

from bot.demo import play_demo
from bot.demo.samples import SAMPLE_FEEDS

HUAWEI = "AT&T walks away from deal to sell Huawei's Mate 10 Pro, sources say"
TURN = "Huawei confirms on stage that AT&T will not sell the Mate 10 Pro"
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


def in_polls(played: str) -> list[str]:
    """What was played at each poll, the list at the end left out."""
    told, _ = played.split("newsbot recent:")
    return re.split(r"^\d\d:\d\d UTC on ", told, flags=re.MULTILINE)[1:]


def headlines(played: str, tag: str) -> list[str]:
    return [card.partition("\n")[0] for card in cards(played, tag)]


def test_a_story_is_one_message_one_edit_and_one_reply(played: str) -> None:
    shown = [
        {tag: headlines(poll, tag) for tag in ("NEW", "UPDATED", "REPLY")}
        for poll in in_polls(played)
    ]

    assert shown == [
        {"NEW": [HUAWEI], "UPDATED": [], "REPLY": []},
        {"NEW": [], "UPDATED": [HUAWEI], "REPLY": []},
        {"NEW": [TCL], "UPDATED": [], "REPLY": [TURN]},
    ]


def test_the_post_names_makers_and_carriers_and_links_the_report(played: str) -> None:
    (card,) = cards(in_polls(played)[0], "NEW")

    assert "PAIR  Huawei, Xiaomi × AT&T, Verizon · deal off\n" in card
    assert "also covered by" not in card
    assert card.endswith("https://harbour-wire.example/2018/01/08/att-huawei-mate-10-pro")


def test_the_second_poll_adds_three_outlets_in_one_edit(played: str) -> None:
    (card,) = cards(played, "UPDATED")

    assert "now at 4 outlets, latest first: 手机前线, Pocket Line, Meridian Journal +1" in card


def test_the_turn_names_the_story_it_replies_to_and_both_outlets_that_tell_it(played: str) -> None:
    (card,) = cards(played, "REPLY")

    assert card.splitlines()[1].strip() == f"confirmed, in reply to “{HUAWEI}”"
    assert "Meridian Journal · 2018-01-09 22:40 UTC\n" in card
    assert "also covered by Pocket Line\n" in card


def test_feeds_without_news_answer_304(played: str) -> None:
    asked = re.findall(r"^(\d+) feeds asked, (\d+) unchanged \(304\)", played, re.MULTILINE)

    assert asked == [(f"{len(SAMPLE_FEEDS)}", unchanged) for unchanged in ("0", "4", "3")]


def test_the_list_at_the_end_shows_the_story_and_its_turn(played: str) -> None:
    _, listed = played.split("newsbot recent:")

    assert "3 stories, newest first, about" in listed
    first = re.search(rf"PAIR  {HUAWEI}\n.* · deal off · 4 outlets · (#\w+)\n", listed)
    assert first
    assert re.search(
        rf"PAIR  {TURN}\n.* · 2 outlets · #\w+ · confirmed, in reply to {first[1]}\n", listed
    )
    assert re.search(r"PAIR  TCL brings.*\n.* · 2 outlets · #\w+\n", listed)


async def test_a_stop_ends_it_early() -> None:
    file, stop = io.StringIO(), asyncio.Event()
    stop.set()

    await play_demo(Console(file=file), stop)

    assert file.getvalue().count(" feeds asked") == 1
    assert "\n0 feeds asked" in file.getvalue()
