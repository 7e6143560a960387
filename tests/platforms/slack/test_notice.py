"""What who subscribed a channel is told, and that they are told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.commands.answer import Answer, Facts, Hint
from bot.delivery.posting import NOTICE_S
from bot.errors import SendError, SendRefusedForNow
from bot.model import Subscription
from bot.platforms.slack.clients import ANSWER_S
from bot.platforms.slack.notice import LOOK_AFTER_S, Notices
from tests.platforms.slack.front import Front, open_front
from tests.servers.slack import Fault, Message

REASON = "the bot is not in the channel; invite it with /invite, then use /alerts resume"


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with open_front() as opened:
        yield opened


def notice_of(front: Front) -> Notices:
    return Notices(front.calls, look_after_s=0.01)


def parked(front: Front, *, by: str = "") -> Subscription:
    by = by or front.server.person.id
    return Subscription(front.place(), parked=REASON, subscribed_by=by)


def told(front: Front) -> list[Message]:
    return front.server.direct_channel(front.server.person).posts


async def test_who_subscribed_is_told_where_why_and_the_way_back(front: Front) -> None:
    await notice_of(front)(parked(front))

    (post,) = told(front)
    assert f"<#{front.server.channel.id}>" in post.text
    assert "invite it with /invite" in post.text
    assert "`/alerts resume`" in post.text
    assert front.server.channel.posts == []


async def test_a_thread_is_named_by_its_channel(front: Front) -> None:
    thread = replace(parked(front), destination=front.place(thread="1767225600.000100"))

    await notice_of(front)(thread)

    (post,) = told(front)
    assert f"the thread in <#{front.server.channel.id}>" in post.text


async def test_a_reason_cannot_forge_marks(front: Front) -> None:
    await notice_of(front)(replace(parked(front), parked="<!channel> *stop* & go"))

    (post,) = told(front)
    assert "<!channel>" not in post.text
    assert "&lt;!channel&gt;" in post.text
    assert "&amp; go" in post.text


@pytest.mark.parametrize("is_committed", [True, False])
async def test_after_an_unclear_answer_the_notice_is_there_once(
    front: Front, is_committed: bool
) -> None:
    front.server.faults.add(Fault("drop", is_committed=is_committed))

    await notice_of(front)(parked(front))
    assert len(told(front)) == 1


def test_a_notice_is_looked_for_when_slack_has_made_it_or_never_will_and_there_is_time() -> None:
    assert LOOK_AFTER_S >= ANSWER_S
    assert NOTICE_S > ANSWER_S + LOOK_AFTER_S


async def test_a_notice_that_slack_makes_late_is_there_once(front: Front) -> None:
    front.server.faults.add(Fault("drop", is_committed=True, late_s=0.2))

    await Notices(front.calls, look_after_s=0.4)(parked(front))

    assert len(told(front)) == 1


async def test_the_same_reason_a_second_time_is_told_again(front: Front) -> None:
    """Somebody resumed it in between, and wants to know that it did not help."""
    for _ in range(2):
        await notice_of(front)(parked(front))

    assert len(told(front)) == 2


async def test_that_a_channel_takes_posts_again_is_told_with_what_to_type(front: Front) -> None:
    await notice_of(front).tell_open(parked(front))

    (post,) = told(front)
    assert "I can post in" in post.text
    assert "`/alerts resume`" in post.text


@pytest.mark.parametrize("by", ["U0NOBODY", "ada"])
async def test_nobody_to_tell_is_only_logged(
    front: Front, caplog: pytest.LogCaptureFixture, by: str
) -> None:
    await notice_of(front)(parked(front, by=by))

    assert "is parked" in caplog.text
    assert "could not be told" in caplog.text


async def test_what_the_operator_subscribed_is_only_logged(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    await notice_of(front)(replace(parked(front), subscribed_by=""))

    assert "is parked" in caplog.text
    assert front.server.count("conversations.open") == 0


async def test_where_slack_is_away_it_is_only_logged(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    front.server.faults.chances = [(1.0, Fault(503, method=""))]

    await notice_of(front)(parked(front))
    assert "could not be told" in caplog.text


BROKE = Answer(
    "Example Wire cannot be read any more",
    (Facts((("What is wrong", "<!channel> *it* is gone"),)), Hint("/feeds health #1", "says more")),
)


async def test_what_became_of_a_feed_is_told_in_blocks_that_call_nobody(front: Front) -> None:
    await notice_of(front).tell(front.workspace, front.server.person.id, BROKE)

    (post,) = told(front)
    blocks = str(post.body["blocks"])
    assert "*Example Wire cannot be read any more*" in blocks
    assert "&lt;!channel&gt;" in blocks
    assert "`/feeds health #1` says more" in blocks
    assert post.text == "Example Wire cannot be read any more"


@pytest.mark.parametrize("is_committed", [True, False])
async def test_after_an_unclear_answer_a_feed_is_told_of_once(
    front: Front, is_committed: bool
) -> None:
    front.server.faults.add(Fault("drop", is_committed=is_committed))

    await notice_of(front).tell(front.workspace, front.server.person.id, BROKE)
    assert len(told(front)) == 1


async def test_a_person_who_is_not_there_is_an_error_that_stays_and_an_outage_one_that_passes(
    front: Front,
) -> None:
    with pytest.raises(SendError) as unknown:
        await notice_of(front).tell(front.workspace, "U0NOBODY", BROKE)
    front.server.faults.chances = [(1.0, Fault(429, method=""))]
    with pytest.raises(SendRefusedForNow):
        await notice_of(front).tell(front.workspace, front.server.person.id, BROKE)

    assert not isinstance(unknown.value, SendRefusedForNow)
