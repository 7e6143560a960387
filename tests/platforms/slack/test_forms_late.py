"""Forms where things take long: a slow database, a modal put in another's place, a stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from bot.model import Event, Ping, QuietHours, Rhythm, Scope, Subscription
from bot.platforms.slack import supervisor
from bot.platforms.slack.modal import FORM
from tests.platforms.slack.desk import Desk, now, open_desk, until
from tests.servers.slack import SlackServer, View

NEVER_S = 600.0
"""A patience that no test outlives."""


def set_patience(desk: Desk, wait_s: float) -> Desk:
    object.__setattr__(desk.reception.forms, "wait_s", wait_s)  # it is what the listeners have
    return desk


@pytest.fixture
async def hasty() -> AsyncIterator[Desk]:
    """By the end of its patience nothing that asks the store is done."""
    async with open_desk() as opened:
        yield set_patience(opened, 0.0)


class Held:
    """Holds up what asks the store for subscriptions or watches until it is let go."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.may_go = asyncio.Event()
        self.is_asked = asyncio.Event()
        ask = getattr(desk.store, name)

        async def wait(*args: Any, **given: Any) -> Any:
            self.is_asked.set()
            await self.may_go.wait()
            return await ask(*args, **given)

        monkeypatch.setattr(desk.store, name, wait)


def whole(desk: Desk, channel: Any = None) -> Subscription:
    return Subscription(
        desk.place(channel),
        scope=Scope.PAIR,
        events=(Event.DEAL,),
        companies=("huawei",),
        min_outlets=3,
        rhythm=Rhythm.DAILY,
        at=time(9),
        time_zone="Europe/Berlin",
        quiet=QuietHours(time(22), time(7)),
        ping=Ping("here"),
        opens_threads=True,
    )


def forget_all(view: View) -> None:
    """Tell nothing of fields that nobody touched, as Slack may after an update."""
    for elements in view.values.values():
        for value in elements.values():
            empty: dict[str, Any] = {
                key: [] if isinstance(told, list) else None for key, told in value.items()
            }
            value.update({key: told for key, told in empty.items() if key != "type"})


async def is_form(view: View) -> None:
    await until(lambda: view.body["callback_id"] == FORM)


async def test_a_form_that_opened_slowly_changes_just_what_was_written(hasty: Desk) -> None:
    before = whole(hasty)
    await hasty.store.subscribe(before, now=now())
    view = (await hasty.ask("/alerts settings")).modal
    await is_form(view)
    forget_all(view)

    await hasty.server.submit(view, {"Outlets at least": "4"})
    await until(lambda: "Changed" in str(view.blocks))

    found = await hasty.store.find_subscription_or_none(hasty.place())
    assert found == replace(before, min_outlets=4)


async def test_a_form_that_came_back_refused_still_clears_nothing(hasty: Desk) -> None:
    before = whole(hasty)
    await hasty.store.subscribe(before, now=now())
    view = (await hasty.ask("/alerts settings")).modal
    await is_form(view)
    await hasty.server.submit(view, {"Quiet hours": "late"})
    await until(lambda: "as a stretch of the day" in str(view.blocks))
    forget_all(view)

    await hasty.server.submit(view, {"Quiet hours": "20-6"})
    await until(lambda: "Changed" in str(view.blocks))

    found = await hasty.store.find_subscription_or_none(hasty.place())
    assert found == replace(before, quiet=QuietHours(time(20), time(6)))


async def test_a_bare_command_asks_the_database_for_nothing_before_its_form_opens(
    hasty: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(hasty, monkeypatch, "find_watches")

    act = hasty.server.start_slash("/alerts subscribe")
    await until(lambda: act.views)
    assert not held.may_go.is_set()
    held.may_go.set()

    await is_form(act.modal)


async def test_what_a_command_waited_for_before_its_form_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_desk() as desk:
        set_patience(desk, NEVER_S)
        moments = iter((0.0, NEVER_S))
        object.__setattr__(desk.reception, "timer", lambda: next(moments))
        held = Held(desk, monkeypatch, "find_subscriptions")

        act = desk.server.start_slash("/alerts subscribe")
        await until(lambda: act.views)
        held.may_go.set()

        await is_form(act.modal)


async def test_a_stop_puts_a_last_word_where_a_form_was_being_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "FINISH_S", 0.1)
    async with SlackServer() as server:
        async with open_desk(server=server) as desk:
            view = (await desk.ask("/alerts subscribe")).modal
            await is_form(view)
            set_patience(desk, 0.0)
            held = Held(desk, monkeypatch, "find_subscriptions")
            await desk.server.submit(view, {"Stories": "pair"})
            await held.is_asked.wait()
            assert "Working on it" in str(view.blocks)

        assert "I was stopped before I was done" in str(view.blocks)
        assert desk.reception.forms._busy == set()


async def test_a_stop_puts_a_last_word_where_a_button_of_the_tab_was_being_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "FINISH_S", 0.1)
    async with SlackServer() as server:
        async with open_desk(server=server) as desk:
            await desk.store.subscribe(whole(desk), now=now())
            await server.open_home()
            set_patience(desk, 0.0)
            held = Held(desk, monkeypatch, "find_subscriptions")
            view = (await server.press(server.person, "Pause")).modal
            await held.is_asked.wait()
            assert "Working on it" in str(view.blocks)

        assert "I was stopped before I was done" in str(view.blocks)
