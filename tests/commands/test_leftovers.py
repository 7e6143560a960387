from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.commands.actions import find_action_or_none
from bot.commands.command import Call
from bot.commands.leftovers import MAX_OFFERED, find_gone, unsubscribe_gone
from bot.commands.subscribing import list_subscriptions
from bot.errors import InputInvalid
from bot.model import Destination, Platform, Subscription
from bot.ports import PlaceProblem
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.commands.calls import HERE, make_call, say

GONE = replace(HERE, channel="c2", thread="t2")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


@dataclass
class Desk:
    """A platform on which some channels have ended, and nobody may post in the others."""

    gone: set[Destination] = field(default_factory=set)
    asked: int = 0

    async def enter(self, destination: Destination) -> None:
        raise AssertionError("who lists channels sends the bot nowhere")

    async def find_problems(self, destination: Destination) -> tuple[PlaceProblem, ...]:
        self.asked += 1
        return (PlaceProblem("No.", is_grave=True, is_gone=destination in self.gone),)


async def park(store: SqlStore, *places: Destination) -> None:
    for place in places:
        await store.subscribe(Subscription(place), now=NOW)
        await store.park(place, reason="The channel is gone.")


def ask(store: SqlStore, *gone: Destination, subject: str = "c2/t2") -> Call:
    return make_call(store, subject=subject, office={"places": {"discord": Desk(set(gone))}})


async def test_a_channel_that_is_gone_has_a_button_below_it_in_the_list(store: SqlStore) -> None:
    await park(store, HERE, GONE)

    lines = say(await list_subscriptions(ask(store, GONE))).splitlines()

    buttons = [line for line in lines if line.startswith("[")]
    assert buttons == ["[Unsubscribe it] unsubscribe-gone:c2/t2"]
    above = lines[: lines.index(buttons[0])]
    assert [line for line in above if line.startswith("<#")][-1].startswith("<#t2>")


async def test_a_channel_that_takes_posts_is_not_asked_about(store: SqlStore) -> None:
    await store.subscribe(Subscription(GONE), now=NOW)
    desk = Desk({GONE})

    await list_subscriptions(make_call(store, office={"places": {"discord": desk}}))

    assert desk.asked == 0


async def test_slack_is_asked_about_threads_alone(store: SqlStore) -> None:
    """Of a channel it would say the same, be it gone or private."""
    channel = Destination(Platform.SLACK, "T1", "C1")
    thread = replace(channel, thread="1767225600.000100")
    desk = Desk({channel, thread})
    parked = [Subscription(place, parked="No.") for place in (channel, thread)]

    call = make_call(store, office={"places": {"slack": desk}})
    assert await find_gone(call, parked) == {thread}
    assert desk.asked == 1


async def test_no_more_buttons_are_offered_than_an_answer_holds(store: SqlStore) -> None:
    many = [replace(HERE, channel=f"gone{number}") for number in range(MAX_OFFERED + 2)]
    await park(store, *many)

    said = say(await list_subscriptions(ask(store, *many)))

    assert said.count("unsubscribe-gone") == MAX_OFFERED
    assert said.count("<#gone") == len(many)


async def test_the_button_ends_that_subscription_alone(store: SqlStore) -> None:
    await park(store, HERE, GONE)
    action = find_action_or_none("unsubscribe-gone")
    assert action is not None

    said = say(await action.run(ask(store, HERE, GONE)))

    assert said.startswith("Unsubscribed")
    assert [one.destination for one in await store.find_subscriptions()] == [HERE]


async def test_the_button_ends_nothing_where_the_channel_is_there(store: SqlStore) -> None:
    await park(store, GONE)

    with pytest.raises(InputInvalid, match="/alerts unsubscribe"):
        await unsubscribe_gone(ask(store))
    with pytest.raises(InputInvalid, match="/alerts unsubscribe"):
        await unsubscribe_gone(make_call(store, subject="c2/t2"))

    assert len(await store.find_subscriptions()) == 1


async def test_a_button_pressed_twice_or_elsewhere_says_so(store: SqlStore) -> None:
    await park(store, replace(GONE, workspace="g2"))

    with pytest.raises(InputInvalid, match="not subscribed any more"):
        await unsubscribe_gone(ask(store, GONE, replace(GONE, workspace="g2")))

    assert len(await store.find_subscriptions()) == 1
