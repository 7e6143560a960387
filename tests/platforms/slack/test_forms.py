"""Forms as people use them, through the real slack-bolt against the loopback Slack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from bot.model import Event, Ping, Platform, QuietHours, Rhythm, Scope, Subscription, Watch
from bot.platforms.slack.modal import FORM
from bot.store import open_store
from tests.platforms.slack.desk import Desk, now, open_desk, until
from tests.servers.slack import Channel, Fault, SlackServer, View
from tests.servers.slack.inputs import find_element

PATIENT_S = 2.6
"""Of the three seconds that Slack waits; a machine that tests is slow."""

HASTY_S = 0.0
"""By then nothing that asks the store is done, so everything is announced."""


def set_patience(desk: Desk, wait_s: float) -> Desk:
    object.__setattr__(desk.reception.forms, "wait_s", wait_s)  # it is what the listeners have
    return desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        yield set_patience(opened, PATIENT_S)


@pytest.fixture
async def hasty() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        yield set_patience(opened, HASTY_S)


async def subscription(desk: Desk, channel: Any = None) -> Subscription | None:
    return await desk.store.find_subscription_or_none(desk.place(channel))


async def subscribed(desk: Desk, channel: Any = None, **changes: Any) -> Subscription:
    wanted = replace(Subscription(desk.place(channel)), **changes)
    await desk.store.subscribe(wanted, now=now())
    return wanted


def element(view: View, name: str) -> dict[str, Any]:
    return find_element(view.blocks, name)[1]


def held(view: View, name: str) -> Any:
    """What the field of this label holds."""
    block, inner = find_element(view.blocks, name)
    value = view.values[block["block_id"]][inner["action_id"]]
    (told,) = (said for key, said in value.items() if key != "type")
    return told


async def test_a_bare_command_opens_a_form_and_the_form_subscribes(desk: Desk) -> None:
    opened = await desk.ask("/alerts subscribe")
    assert not opened.answers
    assert held(opened.modal, "Channel") == desk.server.channel.id

    done = await desk.server.submit(
        opened.modal, {"Stories": "pair", "At what time": "9am", "Quiet hours": "22-7"}
    )

    assert "Subscribed" in done.modal.body["blocks"][0]["text"]["text"]
    got = await subscription(desk)
    assert got is not None
    assert (got.scope, got.rhythm, got.at) == (Scope.PAIR, Rhythm.DAILY, time(9))
    assert got.quiet == QuietHours(time(22), time(7))
    assert got.subscribed_by == desk.server.person.id


async def test_settings_show_what_is_set_and_change_just_what_was_written(desk: Desk) -> None:
    before = await subscribed(desk, events=(Event.DEAL,), companies=("huawei",), min_outlets=2)
    opened = await desk.ask("/alerts settings")
    assert [one["value"] for one in held(opened.modal, "Events")] == ["deal"]
    assert [one["value"] for one in held(opened.modal, "Companies")] == ["Huawei"]

    done = await desk.server.submit(opened.modal, {"Events": [], "Outlets at least": "3"})

    assert "Changed" in done.text
    assert await subscription(desk) == replace(before, events=(), min_outlets=3)


async def test_another_channel_shows_its_own_settings_and_what_was_written_stays(
    desk: Desk,
) -> None:
    other = desk.server.add_channel("other", team=desk.server.team)
    await subscribed(desk, scope=Scope.MAKERS)
    theirs = await subscribed(desk, other, scope=Scope.PAIR, companies=("zte",))
    opened = await desk.ask("/alerts settings")
    view = opened.modal
    view_before = view.blocks
    block, inner = find_element(view_before, "Quiet hours")
    view.values[block["block_id"]][inner["action_id"]]["value"] = "23-6"

    await desk.server.press(view, "Channel", value=other.id)

    assert held(view, "Channel") == other.id
    assert held(view, "Stories")["value"] == "pair"
    assert [one["value"] for one in held(view, "Companies")] == ["ZTE"]
    assert held(view, "Quiet hours") == "23-6"
    done = await desk.server.submit(view, {"Stories": "any"})
    assert "Changed" in done.text
    quiet = QuietHours(time(23), time(6))
    assert await subscription(desk, other) == replace(theirs, scope=Scope.ANY, quiet=quiet)
    mine = await subscription(desk)
    assert mine is not None
    assert mine.scope is Scope.MAKERS


async def test_a_form_filled_in_anew_clears_nothing_that_slack_does_not_tell(desk: Desk) -> None:
    other = desk.server.add_channel("other", team=desk.server.team)
    await subscribed(desk)
    theirs = await subscribed(desk, other, companies=("zte",), quiet=QuietHours(time(1), time(2)))
    view = (await desk.ask("/alerts settings")).modal
    await desk.server.press(view, "Channel", value=other.id)
    for block_id, elements in view.values.items():  # as Slack may, see fields.py
        if block_id != "n1:channel:0":
            for value in elements.values():
                value.update(
                    {
                        key: [] if isinstance(told, list) else None
                        for key, told in value.items()
                        if key != "type"
                    }
                )

    await desk.server.submit(view, {"Outlets at least": "4"})

    assert await subscription(desk, other) == replace(theirs, min_outlets=4)


async def test_a_typo_is_told_at_its_field_and_nothing_is_lost(desk: Desk) -> None:
    view = (await desk.ask("/alerts subscribe")).modal

    wrong = await desk.server.submit(
        view, {"Stories": "pair", "Quiet hours": "late", "At what time": "8:30"}
    )

    (said,) = wrong.errors.values()
    assert list(wrong.errors) == ["n1:quiet_hours:0"]
    assert "I can't read" in said
    assert "22:00-07:00" in said
    assert await subscription(desk) is None
    assert (held(view, "Stories")["value"], held(view, "At what time")) == ("pair", "8:30")
    done = await desk.server.submit(view, {"Quiet hours": "22-7"})
    assert "Subscribed" in done.text
    got = await subscription(desk)
    assert got is not None
    assert (got.scope, got.at) == (Scope.PAIR, time(8, 30))


async def test_what_is_refused_for_no_field_stands_above_the_form(desk: Desk) -> None:
    view = (await desk.ask("/alerts settings")).modal

    refused = await desk.server.submit(view, {})

    assert "No news is posted in that channel" in refused.text
    assert refused.modal.below is view
    assert view.is_open


def leave(desk: Desk, channel: Channel) -> None:
    channel.members.discard(desk.server.person.id)
    desk.people.forget(desk.server.team.id, user=desk.server.person.id)


async def test_settings_of_a_channel_that_somebody_left_are_not_shown(desk: Desk) -> None:
    secret = desk.server.add_channel("secret", team=desk.server.team, kind="private")
    await subscribed(desk)
    await subscribed(desk, secret, companies=("zte",))
    view = (await desk.ask("/alerts settings")).modal

    act = desk.server.start_press(view, "Channel", value=secret.id)
    leave(desk, secret)
    await desk.server.see(act)

    assert held(view, "Companies") == []
    assert "I know no such channel" in str(view.blocks)


async def test_settings_of_a_channel_that_somebody_left_are_not_changed(desk: Desk) -> None:
    secret = desk.server.add_channel("secret", team=desk.server.team, kind="private")
    theirs = await subscribed(desk, secret)
    view = (await desk.ask("/alerts settings", channel=secret)).modal

    submitting = asyncio.create_task(desk.server.submit(view, {"Outlets at least": "9"}))
    await asyncio.sleep(0)  # it is on its way
    leave(desk, secret)

    assert "I know no such channel" in (await submitting).text
    assert await subscription(desk, secret) == theirs


async def test_menus_offer_companies_zones_groups_and_what_is_typed(desk: Desk) -> None:
    group = desk.server.add_group("desk", desk.server.person, team=desk.server.team)
    view = (await desk.ask("/alerts subscribe")).modal

    companies = await desk.server.type(view, "Companies", "huaw")
    zones = await desk.server.type(view, "Time zone", "utc+8")
    groups = await desk.server.type(view, "Call a group", "de")
    assert [one["value"] for one in companies] == ["Huawei", "huaw"]
    assert zones[-1]["value"] == "utc+8"
    assert [one["value"] for one in groups] == [group.id]
    await desk.server.submit(
        view,
        {"Companies": ["Huawei"], "Time zone": zones[-1]["value"], "Call a group": group.id},
    )

    got = await subscription(desk)
    assert got is not None
    assert (got.companies, got.ping) == (("huawei",), Ping(group.id))


async def test_an_unknown_company_is_told_with_what_was_meant(desk: Desk) -> None:
    view = (await desk.ask("/alerts subscribe")).modal
    await desk.server.type(view, "Companies", "Huawai")

    wrong = await desk.server.submit(view, {"Companies": ["Huawai"]})

    assert "Did you mean Huawei?" in wrong.errors["n1:companies:0"]


async def test_the_rules_of_a_company_appear_when_it_is_chosen(desk: Desk) -> None:
    watch = Watch(
        "Fairphone", aliases=("FP5",), platform=Platform.SLACK, workspace=desk.server.team.id
    )
    await desk.store.save_watch(watch, now=now())
    view = (await desk.ask("/watch edit")).modal
    await desk.server.type(view, "Name", "fair")

    await desk.server.press(view, "Name", value="Fairphone")
    assert held(view, "Aliases") == "FP5"
    await desk.server.submit(view, {"Aliases": "FP5, FP6"})

    assert await desk.store.find_watches() == (replace(watch, aliases=("FP5", "FP6")),)


async def test_a_button_in_an_answer_works_and_its_answer_takes_the_place(desk: Desk) -> None:
    view = (await desk.ask("/watch add")).modal
    asked = await desk.server.submit(view, {"Name": "Orange Juice"})
    assert "Watch it" in asked.text

    done = await desk.server.press(asked.modal, "Watch it")

    assert "is watched from now on" in done.text
    assert done.modal is asked.modal


async def test_a_list_of_feeds_is_taken_from_a_form(desk: Desk) -> None:
    view = (await desk.ask("/feeds import")).modal
    file = desk.server.give_file("feeds.txt", b"https://wire.example/rss\n")

    done = await desk.server.submit(view, {"File": [file]})

    assert done.text
    assert "Feeds cannot be changed from a chat here" in done.text


async def test_work_that_takes_long_is_announced_and_answered_in_the_same_place(
    hasty: Desk,
) -> None:
    view = (await hasty.ask("/alerts subscribe")).modal
    assert "Working on it" in str(view.blocks)
    await until(lambda: view.body["callback_id"] == FORM)

    act = await hasty.server.submit(view, {"Stories": "pair"})
    assert "Working on it" in act.text
    await until(lambda: "Subscribed" in str(view.blocks))

    got = await subscription(hasty)
    assert got is not None
    assert got.scope is Scope.PAIR


async def test_what_is_refused_late_comes_back_as_it_was_written(hasty: Desk) -> None:
    view = (await hasty.ask("/alerts subscribe")).modal
    await until(lambda: view.body["callback_id"] == FORM)

    await hasty.server.submit(view, {"Stories": "pair", "Quiet hours": "late"})
    await until(lambda: "as a stretch of the day" in str(view.blocks))

    assert held(view, "Stories")["value"] == "pair"
    assert held(view, "Quiet hours") == "late"
    await hasty.server.submit(view, {"Quiet hours": "22-7"})
    await until(lambda: "Subscribed" in str(view.blocks))
    got = await subscription(hasty)
    assert got is not None
    assert (got.scope, got.quiet) == (Scope.PAIR, QuietHours(time(22), time(7)))


async def test_what_is_refused_late_for_no_field_stands_above_the_form(hasty: Desk) -> None:
    view = (await hasty.ask("/alerts settings")).modal
    await until(lambda: view.body["callback_id"] == FORM)

    await hasty.server.submit(view, {"Outlets at least": "4"})
    await until(lambda: "No news is posted in that channel. " in str(view.blocks[0]))

    assert held(view, "Outlets at least") == "4"


async def test_an_answer_reaches_who_closed_the_form_meanwhile(hasty: Desk) -> None:
    view = (await hasty.ask("/alerts subscribe")).modal
    await until(lambda: view.body["callback_id"] == FORM)
    await hasty.server.submit(view, {})
    hasty.server.put_away(view)

    direct = hasty.server.direct_channel(hasty.server.person)
    await until(lambda: bool(direct.posts))

    assert "Subscribed" in direct.posts[-1].text


async def test_a_form_opened_before_a_restart_is_taken_after_it(tmp_path: Path) -> None:
    async with (
        SlackServer() as server,
        await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as store,
    ):
        async with open_desk(server=server, store=store) as desk:
            set_patience(desk, PATIENT_S)
            view = (await desk.ask("/alerts subscribe")).modal
        async with open_desk(server=server, store=store) as desk:
            set_patience(desk, PATIENT_S)
            done = await server.submit(view, {"Stories": "carriers"})

            assert "Subscribed" in done.text
            got = await subscription(desk)
            assert got is not None
            assert got.scope is Scope.CARRIERS


async def test_who_may_not_manage_gets_no_form(desk: Desk) -> None:
    guest = desk.server.add_user("guest", team=desk.server.team)
    guest.is_guest = True

    refused = await desk.ask("/alerts settings", user=guest)

    assert not refused.views
    assert "Guests" in refused.text


async def test_a_form_that_slack_does_not_open_is_told(desk: Desk) -> None:
    desk.server.faults.add(Fault(0, error="internal_error", method="views.open"))

    told = await desk.answer("/alerts subscribe")

    assert "Slack did not let me open the form" in told
