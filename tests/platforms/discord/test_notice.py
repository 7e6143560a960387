from __future__ import annotations

import pytest

from bot.model import Subscription
from bot.platforms.discord.notice import ParkedNotice
from tests.platforms.discord.stage import Stage


def parked(stage: Stage, *, by: str) -> Subscription:
    reason = "the bot may not post in the channel; then use /alerts resume"
    return Subscription(stage.place(), parked=reason, subscribed_by=by)


async def test_who_subscribed_is_told_where_why_and_the_way_back(stage: Stage) -> None:
    notice = ParkedNotice(stage.rest)

    await notice(parked(stage, by=str(stage.server.person.id)))

    (told,) = stage.server.direct_channel(stage.server.person).posts
    assert f"<#{stage.server.channel.id}>" in told.text
    assert "may not post in the channel" in told.text
    assert "/alerts resume" in told.text
    assert told.pings == ()


async def test_the_same_notice_again_tells_nobody_twice(stage: Stage) -> None:
    notice = ParkedNotice(stage.rest)
    for _ in range(2):
        await notice(parked(stage, by=str(stage.server.person.id)))

    assert len(stage.server.direct_channel(stage.server.person).posts) == 1


@pytest.mark.parametrize("by", ["", "12345", "ada"])
async def test_nobody_to_tell_is_only_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture, by: str
) -> None:
    await ParkedNotice(stage.rest)(parked(stage, by=by))

    assert "is parked" in caplog.text


async def test_a_closed_direct_message_is_only_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.server.person.takes_messages = False

    await ParkedNotice(stage.rest)(parked(stage, by=str(stage.server.person.id)))

    assert "50007" in caplog.text
