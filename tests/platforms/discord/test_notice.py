from __future__ import annotations

import pytest

from bot.commands.answer import Answer, Facts, Hint
from bot.errors import SendError, SendRefusedForNow
from bot.model import Subscription
from bot.platforms.discord.notice import Notices
from tests.platforms.discord.stage import Stage
from tests.servers.discord import Fault


def parked(stage: Stage, *, by: str) -> Subscription:
    reason = "the bot may not post in the channel; then use /alerts resume"
    return Subscription(stage.place(), parked=reason, subscribed_by=by)


async def test_who_subscribed_is_told_where_why_and_the_way_back(stage: Stage) -> None:
    notice = Notices(stage.rest)

    await notice(parked(stage, by=str(stage.server.person.id)))

    (told,) = stage.server.direct_channel(stage.server.person).posts
    assert f"<#{stage.server.channel.id}>" in told.text
    assert "may not post in the channel" in told.text
    assert "/alerts resume" in told.text
    assert told.pings == ()


async def test_the_same_notice_again_tells_nobody_twice(stage: Stage) -> None:
    notice = Notices(stage.rest)
    for _ in range(2):
        await notice(parked(stage, by=str(stage.server.person.id)))

    assert len(stage.server.direct_channel(stage.server.person).posts) == 1


@pytest.mark.parametrize("by", ["", "12345", "ada"])
async def test_nobody_to_tell_is_only_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture, by: str
) -> None:
    await Notices(stage.rest)(parked(stage, by=by))

    assert "is parked" in caplog.text


async def test_a_closed_direct_message_is_only_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.server.person.takes_messages = False

    await Notices(stage.rest)(parked(stage, by=str(stage.server.person.id)))

    assert "50007" in caplog.text


BROKE = Answer(
    "Example Wire cannot be read any more",
    (
        Facts((("What is wrong", "@everyone **it** is gone"),)),
        Hint("/feeds health #1", "says more"),
    ),
)


async def tell(stage: Stage, person: str = "", said: Answer = BROKE) -> None:
    guild = str(stage.server.channel.guild_id)
    await Notices(stage.rest).tell(guild, person or str(stage.server.person.id), said)


async def test_what_became_of_a_feed_is_a_card_that_calls_nobody(stage: Stage) -> None:
    await tell(stage)

    (told,) = stage.server.direct_channel(stage.server.person).posts
    assert "### Example Wire cannot be read any more" in told.text
    assert "**it**" not in told.text
    assert "`/feeds health #1` says more" in told.text
    assert told.pings == ()


@pytest.mark.parametrize("is_committed", [True, False])
async def test_after_an_unclear_answer_a_card_is_there_once(
    stage: Stage, is_committed: bool
) -> None:
    stage.server.faults.add(Fault("drop", is_committed=is_committed))

    await tell(stage)

    assert len(stage.server.direct_channel(stage.server.person).posts) == 1


async def test_who_takes_no_messages_is_an_error_that_stays_and_an_outage_one_that_passes(
    stage: Stage,
) -> None:
    stage.server.person.takes_messages = False
    with pytest.raises(SendError, match="takes no direct messages") as closed:
        await tell(stage)
    with pytest.raises(SendError, match="nobody's id") as unknown:
        await tell(stage, person="ada")
    stage.rest.traffic.refused.set()
    with pytest.raises(SendRefusedForNow):
        await tell(stage)

    for caught in (closed, unknown):
        assert not isinstance(caught.value, SendRefusedForNow)
