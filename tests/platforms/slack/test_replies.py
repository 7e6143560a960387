"""Answers that are messages: tried again, and for whoever can read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.answer import Answer, Lines, RoleRef, UserRef
from bot.platforms.slack import pacer
from bot.platforms.slack.asked import Asked
from bot.platforms.slack.replies import ATTEMPTS
from tests.platforms.slack.desk import Desk, open_desk
from tests.servers.slack import Channel, Fault

HELLO = Answer("Hello", is_private=False)


def asked_in(desk: Desk, channel: Channel) -> Asked:
    return Asked(desk.server.team.id, desk.server.person.id, channel.id)


async def say(
    desk: Desk, channel: Channel, answer: Answer = HELLO, *, is_private: bool = False
) -> list[str]:
    """What the channel shows after ``answer``."""
    replies = replace(desk.reception.replies, again_s=0.01)
    await replies.say(asked_in(desk, channel), "a message", answer, is_private=is_private)
    return [one.text for one in channel.posts]


@pytest.mark.parametrize(
    "fault",
    [Fault(503), Fault("drop"), Fault(error="internal_error")],
    ids=["503", "broken connection", "internal error"],
)
async def test_an_answer_that_did_not_arrive_is_said_again(fault: Fault) -> None:
    async with open_desk() as desk:
        desk.server.faults.add(*[fault] * (ATTEMPTS - 1))

        assert await say(desk, desk.server.channel) == ["Hello"]


async def test_an_answer_for_one_alone_is_said_again_too() -> None:
    async with open_desk() as desk:
        desk.server.faults.add(Fault(503, method="chat.postEphemeral"))
        await say(desk, desk.server.channel, is_private=True)

        assert desk.server.count("chat.postEphemeral") == ATTEMPTS - 1


async def test_an_answer_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Right after a 429 the channel takes nothing for longer than anybody stands in line."""
    monkeypatch.setattr(pacer, "PATIENCE_S", 0.1)
    monkeypatch.setattr(pacer, "SOONEST_S", 0.1)
    async with open_desk() as desk:
        team, channel = desk.server.team, desk.server.channel
        desk.calls._pacer.hold("chat.postMessage", workspace=team.id, channel=channel.id, seconds=1)

        assert await say(desk, channel) == ["Hello"]


async def test_an_answer_is_given_up_after_some_attempts(caplog: pytest.LogCaptureFixture) -> None:
    async with open_desk() as desk:
        desk.server.faults.add(*[Fault(503)] * (ATTEMPTS + 1))

        assert await say(desk, desk.server.channel) == []
        assert len(desk.server.faults.script) == 1
        assert "the answer did not arrive" in caplog.text


async def test_others_read_names_and_nobody_is_called() -> None:
    async with open_desk() as desk:
        server = desk.server
        group = server.add_group("desk", team=server.team)
        who = (UserRef(server.person.id), " and ", RoleRef(group.id))
        answer = Answer("Who", (Lines((who,)),), is_private=False)

        await say(desk, server.channel, answer)
        (post,) = server.channel.posts
        assert f"{server.person.name} and @desk" in str(post.blocks)
        direct = server.direct_channel(server.person)
        await say(desk, direct, answer)
        assert f"<@{server.person.id}> and <!subteam^{group.id}>" in str(direct.posts[0].blocks)
