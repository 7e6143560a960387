"""``/alerts list changes``: who changed what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.answer import ChannelRef, Lines, RoleRef, UserRef
from bot.commands.changes import MAX_SHOWN
from bot.commands.subscribing import list_subscriptions
from bot.model import AuditRecord, Destination
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.commands.calls import HERE, make_call, say


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


async def keep(
    store: SqlStore, said: str, *, hours: int = 0, user: str = "u1", place: Destination = HERE
) -> None:
    await store.add_audit(AuditRecord(NOW - timedelta(hours=hours), place, user, said))


async def test_changes_are_told_newest_first_with_who_where_and_what(store: SqlStore) -> None:
    await keep(store, "/alerts subscribe channel:c7 scope:pair mention:r9", hours=2)
    await keep(store, "/alerts pause for:2h", hours=1, user="u2")
    await keep(store, "/alerts pause", place=replace(HERE, workspace="g2"))

    answer = await list_subscriptions(make_call(store, changes=True))

    lines = answer.parts[0]
    assert isinstance(lines, Lines)
    assert lines.lines == (
        (
            *(NOW - timedelta(hours=1), " · ", UserRef("u2"), " in ", ChannelRef("c1"), ": "),
            "/alerts pause for:2h",
        ),
        (
            *(NOW - timedelta(hours=2), " · ", UserRef("u1"), " in ", ChannelRef("c1"), ": "),
            *("/alerts subscribe channel:", ChannelRef("c7"), " scope:pair mention:"),
            RoleRef("r9"),
        ),
    )
    assert answer.title == "2 changes, newest first"


async def test_at_most_twenty_are_shown(store: SqlStore) -> None:
    for number in range(MAX_SHOWN + 5):
        await keep(store, f"/alerts pause for:{number}h", hours=-number)

    answer = await list_subscriptions(make_call(store, changes=True))

    assert answer.title == f"{MAX_SHOWN} changes, newest first"
    assert "for:24h" in say(answer)
    assert "for:4h" not in say(answer)


async def test_the_operator_and_a_thread_are_told_as_such(store: SqlStore) -> None:
    there = replace(HERE, thread="t1")
    await keep(store, "/alerts mute subject:ZTE channel:c1/t1", user="", place=there)

    answer = await list_subscriptions(make_call(store, changes=True))

    assert "the operator in <#t1>: /alerts mute subject:ZTE channel:<#t1>" in say(answer)


async def test_before_any_change_it_says_so(store: SqlStore) -> None:
    answer = await list_subscriptions(make_call(store, changes=True))

    assert say(answer) == (
        "Nobody has changed anything here yet\n> /alerts list shows the channels that get news"
    )


async def test_without_the_option_the_channels_are_listed(store: SqlStore) -> None:
    answer = await list_subscriptions(make_call(store, changes=False))

    assert answer.title == "No channel of this server gets news yet"


async def sees_c1(place: Destination) -> bool:
    return place.channel == "c1"


async def test_of_channels_that_somebody_may_not_know_of_no_change_is_told(
    store: SqlStore,
) -> None:
    home = replace(HERE, channel="")
    await keep(store, "/alerts subscribe channel:c7 scope:pair", hours=2)
    await keep(store, "/alerts pause channel:c8/1767225600.000100", place=home)
    await keep(store, '/alerts preview channel:"c9"', place=home)
    await keep(store, "/alerts mute subject:ZTE", place=replace(HERE, channel="c2"))
    await keep(store, "/alerts resume channel:c1/1767225600.000100", place=home)
    await keep(store, "/watch add name:Fairphone", place=home, hours=1)

    call = replace(make_call(store, changes=True), sees=sees_c1)
    answer = await list_subscriptions(call)

    assert answer.title == "2 changes, newest first"
    said = say(answer)
    assert "Fairphone" in said
    assert "/alerts resume" in said
    assert not any(secret in said for secret in ("c7", "c8", "c9", "ZTE"))


async def test_changes_are_looked_for_behind_those_that_are_not_told(store: SqlStore) -> None:
    await keep(store, "/alerts pause", hours=1)
    for _ in range(MAX_SHOWN + 5):
        await keep(store, "/alerts pause channel:c7")

    call = replace(make_call(store, changes=True), sees=sees_c1)

    assert (await list_subscriptions(call)).title == "1 change, newest first"
