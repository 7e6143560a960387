"""The runner: in time, never raising, and what was changed is on record."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.commands import running
from bot.commands.actions import ACTIONS, find_action_or_none
from bot.commands.answer import Answer, Tone
from bot.commands.command import Call, Command, Need, Words
from bot.commands.running import MAX_SAID, run_action, run_command, run_plain
from bot.commands.table import find_command_or_none
from bot.errors import DatabaseUnusable, FeedUnreachable, InputInvalid
from bot.model import AuditRecord, Subscription
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.commands.calls import HERE, make_call, say


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


def row(noun: str, verb: str) -> Command:
    found = find_command_or_none(noun, verb)
    assert found is not None
    return found


def made(run: Any, need: Need = Need.CHANNELS) -> Command:
    words = Words("Tries", "试")
    return Command("try", "it", "试", "它", words, run, need=need)


def answering(**given: Any) -> Command:
    async def run(_: Call) -> Answer:
        return Answer("Done", **given)

    return made(run)


def failing(error: Exception) -> Command:
    async def run(_: Call) -> Answer:
        raise error

    return made(run)


async def audit(store: SqlStore) -> list[str]:
    found = await store.find_audit(HERE.platform, HERE.workspace, limit=50)
    return [record.said for record in found]


async def test_a_change_is_on_record_with_who_and_where(store: SqlStore) -> None:
    call = make_call(store, scope="pair", channel="c7", quiet_hours="22:00 to 7:00")
    answer = await run_command(row("alerts", "subscribe"), call)

    assert answer.tone is Tone.DONE
    said = '/alerts subscribe channel:c7 scope:pair quiet_hours:"22:00 to 7:00"'
    assert await store.find_audit(HERE.platform, HERE.workspace, limit=5) == (
        AuditRecord(NOW, HERE, "u1", said),
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"tone": Tone.PLAIN},
        {"tone": Tone.REFUSED},
        {"tone": Tone.CAUTION, "changed_nothing": True},
        {"tone": Tone.DONE, "changed_nothing": True},
    ],
)
async def test_what_changes_nothing_is_not_on_record(
    store: SqlStore, answer: dict[str, Any]
) -> None:
    await run_command(answering(**answer), make_call(store))

    assert await audit(store) == []


async def test_what_everybody_may_do_is_not_on_record(store: SqlStore) -> None:
    free = replace(answering(tone=Tone.DONE), need=Need.NOTHING)
    await run_command(free, make_call(store))
    kept = await audit(store)
    await run_command(replace(free, need=Need.SERVER), make_call(store))

    assert kept == []
    assert await audit(store) == ["/try it"]


async def test_the_same_settings_once_more_are_no_change(store: SqlStore) -> None:
    for _ in range(2):
        await run_command(row("alerts", "subscribe"), make_call(store, scope="pair"))
    await run_command(row("alerts", "settings"), make_call(store, scope="pair"))
    await run_command(row("alerts", "resume"), make_call(store))

    assert await audit(store) == ["/alerts subscribe scope:pair"]


async def test_a_question_before_a_change_is_not_on_record_and_its_button_is(
    store: SqlStore,
) -> None:
    asked = await run_command(row("watch", "add"), make_call(store, name="Orange"))
    assert asked.title == "Watch Orange?"
    assert await audit(store) == []

    action = find_action_or_none("watch-add")
    assert action is not None
    await run_action(action, make_call(store, subject="Orange;c;;5G,telecom"))

    assert await audit(store) == ['/watch add name:Orange role:carrier needs:"5G, telecom"']


@pytest.mark.parametrize("error", [InputInvalid("Say it otherwise"), FeedUnreachable("Gone")])
async def test_what_a_person_can_mend_is_said_as_it_is(store: SqlStore, error: Exception) -> None:
    answer = await run_command(failing(error), make_call(store))

    assert (answer.title, answer.tone) == (str(error), Tone.REFUSED)


async def test_a_defect_is_an_apology_whose_reference_is_in_the_log(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await run_command(failing(RuntimeError("a defect")), make_call(store))

    found = re.search(r"reference ([0-9a-f]{6})", answer.title)
    assert found is not None
    (record,) = [one for one in caplog.records if found[1] in one.getMessage()]
    assert "/try it broke in discord workspace g1" in record.getMessage()
    assert record.exc_info is not None
    assert await audit(store) == []


async def test_work_without_end_is_given_up(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def wait(_: Call) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(running, "WORK_S", 0.01)
    answer = await run_command(made(wait), make_call(store))

    assert "Something went wrong on my side" in answer.title
    assert "TimeoutError" in caplog.text


async def test_values_that_are_fetched_first_reach_the_command_and_the_record(
    store: SqlStore,
) -> None:
    async def read() -> dict[str, Any]:
        return {"scope": "carriers"}

    answer = await run_command(row("alerts", "subscribe"), make_call(store), read=read)

    assert "every story that names a carrier" in say(answer).casefold()
    assert await audit(store) == ["/alerts subscribe scope:carriers"]


async def test_values_that_cannot_be_fetched_are_a_refusal(store: SqlStore) -> None:
    async def read() -> dict[str, Any]:
        raise InputInvalid("The file is too large")

    answer = await run_command(row("feeds", "import"), make_call(store), read=read)

    assert answer.title == "The file is too large"


async def test_a_log_that_cannot_be_written_costs_nobody_the_answer(
    store: SqlStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: AuditRecord) -> None:
        raise DatabaseUnusable("the disk is full")

    monkeypatch.setattr(store, "add_audit", fail)
    answer = await run_command(row("alerts", "subscribe"), make_call(store))

    assert answer.title == "Subscribed"
    assert "what user u1 did is not on record: /alerts subscribe" in caplog.text


async def test_secrets_of_addresses_and_long_lines_are_not_kept(store: SqlStore) -> None:
    done = answering(tone=Tone.DONE, done="/feeds add address:https://x.example/a?key=secret y")
    await run_command(done, make_call(store))
    await run_command(answering(tone=Tone.DONE, done="a\nb" * 400), make_call(store))

    long, hidden = await audit(store)
    assert hidden == "/feeds add address:https://x.example/a?… y"
    assert len(long) == MAX_SAID
    assert "\n" not in long


async def test_a_plain_question_is_answered_and_kept_nowhere(store: SqlStore) -> None:
    answer = await run_plain(make_call(store), "help")

    assert answer.title == "What I can do"
    assert await audit(store) == []


async def test_ending_the_subscription_of_a_channel_is_on_record(store: SqlStore) -> None:
    await store.subscribe(Subscription(HERE), now=NOW)
    await run_command(row("alerts", "unsubscribe"), make_call(store))

    assert await audit(store) == ["/alerts unsubscribe"]


def test_a_button_has_no_name_twice() -> None:
    assert len({action.name for action in ACTIONS}) == len(ACTIONS)
