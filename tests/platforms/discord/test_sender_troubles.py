"""Exactly once, whatever the network, Discord and people do."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Literal

import pytest

from bot.errors import SendError, SendParked, SendRefused, SendRefusedForNow, SendUnclear
from bot.model import Destination, Platform, Source
from bot.platforms.discord import asking, reconcile, traffic
from bot.platforms.discord.places import DiscordPlaces
from bot.platforms.discord.sender import DiscordSender
from tests.builders import message
from tests.platforms.discord.stage import Stage, now
from tests.servers.discord import Fault, world


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WAITS_S", (0.01, 0.02))


UNCLEAR = [
    Fault(answer, is_committed=committed)
    for answer in (503, "drop", "cut")
    for committed in (False, True)
]


@pytest.mark.parametrize("fault", UNCLEAR, ids=lambda f: f"{f.answer}-{f.is_committed}")
async def test_an_unclear_answer_is_followed_by_the_same_again(stage: Stage, fault: Fault) -> None:
    stage.server.faults.add(fault, fault)

    ref = await stage.send(stage.owed())

    (post,) = stage.server.channel.posts
    assert ref == f"{stage.server.channel.id}/{post.id}"
    assert stage.server.count("create_message") == 3


async def test_an_answer_502_after_the_post_was_made_makes_no_second(stage: Stage) -> None:
    stage.server.faults.add(Fault(502, is_committed=True))

    await stage.send(stage.owed())

    assert len(stage.server.channel.posts) == 1
    assert stage.server.nonce_hits == 1


@pytest.mark.parametrize("ping", ["", "77"])
@pytest.mark.parametrize("fault", UNCLEAR, ids=lambda f: f"{f.answer}-{f.is_committed}")
async def test_what_stays_unclear_is_found_in_the_history_when_the_nonce_is_forgotten(
    stage: Stage, fault: Fault, ping: str
) -> None:
    owed = stage.owed(ping=ping)
    stage.server.faults.add(fault, fault, fault)
    with pytest.raises(SendUnclear):
        await stage.send(owed)
    stage.forget_nonces()

    await stage.send(stage.unclear(owed))

    assert len(stage.server.channel.posts) == 1


async def test_an_answer_that_does_not_come_is_not_awaited_for_ever(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "ANSWER_S", 0.2)
    stage.server.faults.add(Fault(0, is_committed=True, hold_s=5.0))

    async with asyncio.timeout(4):
        await stage.send(stage.owed())

    assert len(stage.server.channel.posts) == 1
    assert stage.server.nonce_hits == 1
    assert stage.rest.traffic.pacer.unanswered == 0


async def test_a_restart_with_an_unclear_delivery_finds_the_post_and_brings_it_up_to_date(
    stage: Stage,
) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    stage.forget_nonces()
    again = replace(stage.unclear(owed), revision=2)
    told = message(also=(Source("Meridian Journal", None),), revision=2)

    assert await (await stage.restart()).send(again, told) == ref

    (post,) = stage.server.channel.posts
    assert "Meridian Journal" in post.text


async def test_a_post_is_found_behind_many_of_others_and_theirs_are_not_taken_for_it(
    stage: Stage,
) -> None:
    others = stage.owed("other")
    await stage.send(others)
    for number in range(150):
        stage.server.say(f"talk {number}", channel=stage.server.channel, user=stage.server.person)
    owed = stage.owed()
    ref = await stage.send(owed)
    stage.forget_nonces()

    assert await stage.send(stage.unclear(owed)) == ref
    assert await stage.send(stage.unclear(others)) != ref


@pytest.mark.parametrize(("before", "after"), [(150, 0), (0, 150)])
async def test_in_a_busy_channel_a_post_is_found_at_either_end_of_what_was_said_since(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, before: int, after: int
) -> None:
    """The first call made it, or the last one did."""
    monkeypatch.setattr(reconcile, "MAX_MESSAGES", 100)
    owed, here = stage.owed(), stage.server.channel
    for number in range(before):
        stage.server.say(f"talk {number}", channel=here, user=stage.server.person)
    ref = await stage.send(owed)
    for number in range(after):
        stage.server.say(f"more {number}", channel=here, user=stage.server.person)
    stage.forget_nonces()

    assert await stage.send(stage.unclear(owed)) == ref


async def test_no_more_is_read_than_was_said_since(stage: Stage) -> None:
    for number in range(250):
        stage.server.say(f"talk {number}", channel=stage.server.channel, user=stage.server.person)

    await stage.send(stage.unclear(stage.owed(), minutes=-2))

    assert stage.server.count("list_messages") == 1


async def test_what_was_posted_by_nobody_is_posted_after_the_search(stage: Stage) -> None:
    await stage.send(stage.unclear(stage.owed()))

    assert len(stage.server.channel.posts) == 1
    assert stage.server.count("list_messages") == 1


async def test_without_the_history_the_nonce_is_left_and_that_is_said_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    owed = stage.owed()
    await stage.send(owed)
    stage.server.set_permissions(stage.server.channel, world.EVERYDAY & ~world.HISTORY)

    await stage.send(stage.unclear(owed))
    await stage.send(stage.unclear(owed))

    assert len(stage.server.channel.posts) == 1
    told = [one for one in caplog.records if "Read Message History" in one.getMessage()]
    assert len(told) == 1


async def test_a_post_that_people_deleted_while_it_was_unclear_is_not_made_again(
    stage: Stage,
) -> None:
    owed = stage.owed()
    await stage.send(owed)
    stage.server.delete(stage.server.channel.posts[0])

    with pytest.raises(SendError, match="deleted"):
        await stage.send(stage.unclear(owed))

    assert not stage.server.channel.posts


async def test_no_connection_means_that_nothing_was_posted(stage: Stage) -> None:
    await stage.server.__aexit__()

    with pytest.raises(SendError):  # unclear if it goes over the connection of the login
        await stage.send(stage.owed())
    with pytest.raises(SendRefusedForNow, match="cannot be reached"):
        await stage.send(stage.owed())


# what people must mend


@pytest.mark.parametrize(
    ("permissions", "words"),
    [
        (world.EVERYDAY & ~world.SEND, "Send Messages"),
        (world.EVERYDAY & ~world.VIEW, "View Channel"),
    ],
)
async def test_a_missing_permission_parks_with_its_name_and_the_way_back(
    stage: Stage, permissions: int, words: str
) -> None:
    stage.server.set_permissions(stage.server.channel, permissions)

    with pytest.raises(SendParked, match=rf"{words}.*/alerts resume"):
        await stage.send(stage.owed())

    assert stage.server.count("create_message") == 1


@pytest.mark.parametrize("is_explained", [False, True])
async def test_a_park_after_an_unclear_answer_says_that_the_post_may_be_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, is_explained: bool
) -> None:
    monkeypatch.setattr(asking, "WAITS_S", (0.3,))
    places = DiscordPlaces(stage.rest, find_client=lambda _: None) if is_explained else None
    sender = DiscordSender(stage.rest, clock=now, places=places)
    owed = stage.owed()
    stage.server.faults.add(Fault("drop", is_committed=True))

    sending = asyncio.create_task(sender.send(owed, message()))
    await stage.server.wait_until(lambda: stage.server.count("create_message") == 1)
    stage.server.set_permissions(stage.server.channel, world.EVERYDAY & ~world.SEND)
    with pytest.raises(SendParked, match="Send Messages") as caught:
        await sending

    assert caught.value.is_unclear
    assert len(stage.server.channel.posts) == 1


async def test_a_park_of_which_nothing_is_unclear_says_so(stage: Stage) -> None:
    stage.server.set_permissions(stage.server.channel, world.EVERYDAY & ~world.SEND)

    with pytest.raises(SendParked) as caught:
        await stage.send(stage.owed())

    assert not caught.value.is_unclear


async def test_a_channel_that_is_gone_parks(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    stage.server.remove_channel(stage.server.channel)

    with pytest.raises(SendParked, match="gone"):
        await stage.send(stage.owed("s2"))
    with pytest.raises(SendParked, match="gone"):
        await stage.send(stage.unclear(stage.owed("s3")))
    with pytest.raises(SendError):
        await stage.send(replace(owed, message_ref=ref, revision=2))


async def test_a_locked_thread_and_a_closed_direct_message_park(stage: Stage) -> None:
    thread = stage.server.add_thread(stage.server.channel, "phones")
    thread.is_locked = True
    stage.server.person.takes_messages = False
    direct = stage.server.direct_channel(stage.server.person)
    dm = Destination(Platform.DISCORD, "", str(direct.id))

    with pytest.raises(SendParked, match="locked"):
        await stage.send(stage.owed(destination=stage.place(thread=thread)))
    with pytest.raises(SendParked, match="direct messages"):
        await stage.send(stage.owed(destination=dm))


async def test_a_channel_of_a_kind_that_takes_no_posts_parks(stage: Stage) -> None:
    category = stage.server.add_channel(stage.server.guild, "section", kind=world.CATEGORY)

    with pytest.raises(SendParked, match="no posts"):
        await stage.send(stage.owed(channel=category))


async def test_a_destination_that_is_no_channel_of_discord_is_refused(stage: Stage) -> None:
    with pytest.raises(SendRefused, match="no channel"):
        await stage.send(stage.owed(destination=Destination(Platform.DISCORD, "1", "general")))


# limits


async def test_a_limit_that_names_a_short_time_is_waited_for(stage: Stage) -> None:
    stage.server.faults.add(Fault(429, retry_after_s=0.1), Fault(429, scope="shared"))

    await stage.send(stage.owed())

    assert len(stage.server.channel.posts) == 1


async def test_a_limit_that_names_a_long_time_puts_the_delivery_off_by_it(stage: Stage) -> None:
    stage.server.faults.add(Fault(429, retry_after_s=120.0))

    with pytest.raises(SendRefusedForNow) as caught:
        await stage.send(stage.owed())

    assert caught.value.retry_after_s == pytest.approx(120, abs=1)
    assert not stage.server.channel.posts


async def test_the_limit_over_all_slows_everything_down(stage: Stage) -> None:
    stage.server.faults.add(Fault(429, scope="global", retry_after_s=0.3))
    began = asyncio.get_running_loop().time()

    others = [stage.server.add_channel(stage.server.guild, f"c{n}") for n in range(25)]
    await asyncio.gather(*(stage.send(stage.owed(channel=one)) for one in others))

    assert asyncio.get_running_loop().time() - began > 1 + 20 / 45 * 1.5
    assert stage.server.limiter.injected["global"] == 1


async def test_before_an_address_is_banned_for_refused_requests_sending_stops(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "MAX_INVALID", 3)
    stage.server.set_permissions(stage.server.channel, world.EVERYDAY & ~world.SEND)
    for _ in range(3):
        with pytest.raises(SendParked):
            await stage.send(stage.owed())
    asked = len(stage.server.asked)

    with pytest.raises(SendRefusedForNow, match="banned") as caught:
        await stage.send(stage.owed())

    assert caught.value.retry_after_s is not None
    assert 500 < caught.value.retry_after_s <= 600
    assert len(stage.server.asked) == asked


@pytest.mark.parametrize("answer", ["drop", "cut", 503])
async def test_a_limit_after_an_unclear_answer_ends_the_call_as_unclear(
    stage: Stage, answer: int | Literal["drop", "cut"]
) -> None:
    stage.server.faults.add(Fault(answer, is_committed=True), Fault(429, retry_after_s=100.0))

    with pytest.raises(SendUnclear, match=r"wait 100 s.*may have arrived"):
        await stage.send(stage.owed())

    assert stage.server.count("create_message") == 2


# the token


async def test_a_token_that_is_not_taken_any_more_stops_all_requests(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    secret = stage.server.token
    stage.server.token = "another"
    for name in ("s1", "s2", "s3"):
        with pytest.raises(SendRefusedForNow, match=r"discord\.token") as caught:
            await stage.send(stage.owed(name))
        assert (caught.value.retry_after_s or 0) >= 600

    assert stage.server.count("create_message") == 1
    assert not stage.rest.is_up
    told = [one for one in caplog.records if "discord.token" in one.getMessage()]
    assert len(told) == 1
    assert secret not in caplog.text


# what we draw wrong


async def test_a_body_that_discord_refuses_is_logged_as_our_defect(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.server.channel.error = 50035

    with caplog.at_level(logging.ERROR), pytest.raises(SendRefused):
        await stage.send(stage.owed())

    assert any("does not take what we sent" in one.getMessage() for one in caplog.records)
    assert stage.server.count("create_message") == 1


async def test_many_at_once_cause_no_429(stage: Stage) -> None:
    stage.server.limiter.is_sliding = True
    channels = [stage.server.add_channel(stage.server.guild, f"c{n}") for n in range(40)]

    await asyncio.gather(
        *(stage.send(stage.owed(f"s{n}", one)) for one in channels for n in range(2))
    )

    assert not stage.server.limiter.overruns
    assert all(len(one.posts) == 2 for one in channels)
