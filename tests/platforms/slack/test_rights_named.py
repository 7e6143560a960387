"""Which channels and groups a command or a button is about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.commands.command import Option, OptionKind, Words
from bot.model import Destination, Platform
from bot.platforms.slack.named import NOTHING_NAMED, Named, name_subject, name_values
from tests.builders import delivery, story
from tests.contract.polls import commit_stories
from tests.platforms.slack.front import Front, open_front


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with open_front() as opened:
        yield opened


def test_channels_and_groups_are_found_among_values() -> None:
    options = [
        Option("channel", "频道", OptionKind.CHANNEL, Words("", "")),
        Option("mention", "提及", OptionKind.ROLE, Words("", "")),
        Option("at", "时间", OptionKind.TEXT, Words("", "")),
    ]

    assert name_values(options, {"channel": " C1 ", "mention": "here", "at": "C2"}) == Named(
        ("C1",), ("here",)
    )
    assert name_values(options, {"at": "9:00", "mention": None}) == NOTHING_NAMED
    assert name_values(options, {"mention_for": "none"}) == Named(calling="none")
    assert not name_values(options[1:], {}).is_of_channel


async def test_a_button_is_about_the_channel_of_its_post(front: Front) -> None:
    here = front.place()
    elsewhere = replace(here, channel="C0ELSEWHERE")
    foreign = Destination(Platform.DISCORD, "1", "2")
    owing = tuple(delivery("s1", place) for place in (here, elsewhere, foreign))
    await commit_stories(front.store, story("s1"), owed=owing)
    for owed, expected in zip(owing, ((), ("C0ELSEWHERE",), ()), strict=True):
        named = await name_subject(front.store, "mute-story", owed.id, here)
        assert named.channels == expected


@pytest.mark.parametrize(
    ("action", "subject", "expected"),
    [
        ("form", "alerts.settings.C0ELSEWHERE", ("C0ELSEWHERE",)),
        ("form", "alerts.settings", ()),
        ("alerts-pause", "C0ELSEWHERE/1767225600.000100", ("C0ELSEWHERE/1767225600.000100",)),
        ("watch-remove", "Fairphone", ()),
        ("unsubscribe-gone", "C0GONE", ()),
    ],
)
async def test_a_button_may_name_a_channel(
    front: Front, action: str, subject: str, expected: tuple[str, ...]
) -> None:
    assert (await name_subject(front.store, action, subject, front.place())).channels == expected


@pytest.mark.parametrize(
    ("action", "subject", "is_of_channel"),
    [
        ("form", "alerts.settings.C0ELSEWHERE", True),
        ("form", "alerts.subscribe", True),
        ("form", "watch.add", False),
        ("alerts-pause", "C0ELSEWHERE", True),
        ("watch-remove", "Fairphone", False),
    ],
)
async def test_a_button_is_about_a_channel_or_all_of_the_workspace(
    front: Front, action: str, subject: str, is_of_channel: bool
) -> None:
    named = await name_subject(front.store, action, subject, front.place())

    assert named.is_of_channel is is_of_channel
