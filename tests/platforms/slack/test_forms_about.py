"""What a form is about, and what it knows of who fills it in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.model import Rhythm, Subscription
from tests.platforms.discord.rows import row
from tests.platforms.slack.desk import Desk, Noting, now, open_desk
from tests.servers.slack import View
from tests.servers.slack.inputs import find_element

PATIENT_S = 2.6
"""Of the three seconds that Slack waits; a machine that tests is slow."""


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        object.__setattr__(opened.reception.forms, "wait_s", PATIENT_S)
        yield opened


def zone_of(view: View) -> str:
    """What the field of the time zone holds."""
    block, inner = find_element(view.blocks, "Time zone")
    chosen = view.values[block["block_id"]][inner["action_id"]]["selected_option"]
    return str(chosen["value"]) if chosen else ""


async def open_in_thread(desk: Desk, line: str, root: str) -> View:
    said = await desk.server.say(f"@newsbot {line}", channel=desk.server.channel, thread_ts=root)
    return (await desk.server.press(said.answer, "Open the form")).modal


def start_thread(desk: Desk) -> str:
    return desk.server.post(desk.server.channel, desk.server.manager, {"text": "A thread"}).ts


async def test_a_form_from_a_thread_is_about_its_channel(desk: Desk) -> None:
    before = Subscription(desk.place())
    await desk.store.subscribe(before, now=now())
    view = await open_in_thread(desk, "/alerts settings", start_thread(desk))
    assert "a thread that gets news" not in str(view.blocks)

    done = await desk.server.submit(view, {"Outlets at least": "2"})

    assert "Changed" in done.text
    assert await desk.store.find_subscriptions() == (replace(before, min_outlets=2),)


async def test_a_subscription_from_a_thread_is_of_its_channel(desk: Desk) -> None:
    view = await open_in_thread(desk, "/alerts subscribe", start_thread(desk))

    await desk.server.submit(view, {})

    (made,) = await desk.store.find_subscriptions()
    assert made.destination == desk.place()


async def test_a_form_from_a_thread_that_gets_news_says_that_it_is_about_that(desk: Desk) -> None:
    root = start_thread(desk)
    channel, thread = Subscription(desk.place()), Subscription(desk.place(thread=root))
    for one in (channel, thread):
        await desk.store.subscribe(one, now=now())
    view = await open_in_thread(desk, "/alerts settings", root)
    assert "about a thread that gets news by itself" in str(view.blocks)

    await desk.server.submit(view, {"Outlets at least": "2"})

    found = await desk.store.find_subscriptions()
    assert set(found) == {channel, replace(thread, min_outlets=2)}


def say_workspace(view: View, workspace: str) -> None:
    said = json.loads(view.body["private_metadata"])
    said["p"][0] = workspace
    view.body["private_metadata"] = json.dumps(said)


async def test_a_form_of_another_workspace_is_not_done(desk: Desk) -> None:
    view = (await desk.ask("/alerts subscribe")).modal
    say_workspace(view, "T0OTHER")

    assert await desk.server.type(view, "Companies", "hua") == []
    refused = await desk.server.submit(view, {"Stories": "pair"})

    assert "older version of me" in refused.text
    assert await desk.store.find_subscriptions() == ()


async def test_a_new_subscription_has_the_time_zone_of_who_asks_for_it(desk: Desk) -> None:
    desk.server.person.tz = "Asia/Shanghai"
    view = (await desk.ask("/alerts subscribe")).modal
    assert zone_of(view) == "Asia/Shanghai"

    await desk.server.submit(view, {"At what time": "9am"})

    (made,) = await desk.store.find_subscriptions()
    assert (made.rhythm, made.time_zone) == (Rhythm.DAILY, "Asia/Shanghai")
    assert desk.server.count("users.info") == 1


async def test_a_time_zone_that_was_only_offered_changes_no_other_channel(desk: Desk) -> None:
    other = desk.server.add_channel("other", team=desk.server.team)
    theirs = Subscription(desk.place(other), time_zone="Europe/Berlin")
    await desk.store.subscribe(theirs, now=now())
    desk.server.person.tz = "Asia/Shanghai"
    view = (await desk.ask("/alerts subscribe")).modal

    await desk.server.press(view, "Channel", value=other.id)
    assert zone_of(view) == "Europe/Berlin"
    await desk.server.submit(view, {"Outlets at least": "2"})

    assert await desk.store.find_subscriptions() == (replace(theirs, min_outlets=2),)


async def test_a_time_zone_that_was_offered_may_be_emptied(desk: Desk) -> None:
    view = (await desk.ask("/alerts subscribe")).modal

    await desk.server.submit(view, {"Time zone": None})

    (made,) = await desk.store.find_subscriptions()
    assert made.time_zone == "UTC"


async def test_settings_offer_no_time_zone(desk: Desk) -> None:
    await desk.store.subscribe(Subscription(desk.place()), now=now())
    desk.server.person.tz = "Asia/Shanghai"

    assert zone_of((await desk.ask("/alerts settings")).modal) == "UTC"


async def test_a_form_speaks_the_language_of_who_fills_it_in(desk: Desk) -> None:
    desk.server.person.locale = "zh-CN"

    view = (await desk.ask("/alerts subscribe")).modal

    assert view.body["close"]["text"] == "取消"
    assert find_element(view.blocks, "时间")


async def test_a_command_knows_the_language_of_who_is_known() -> None:
    noting = Noting()
    async with open_desk(table=(row("it", noting),)) as desk:
        person = desk.server.person
        person.locale = "zh-CN"
        await desk.ask("/try it")
        await desk.people.find_person_or_none(desk.server.team.id, person.id)
        await desk.ask("/try it")

    assert [one.lang for one in noting.calls] == ["", "zh-CN"]
