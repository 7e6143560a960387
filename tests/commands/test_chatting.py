"""A line that somebody typed, answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.commands.answer import Answer, Tone, refuse
from bot.commands.channels import find_channel
from bot.commands.chatting import answer_text, changes_something, find_help_or_none
from bot.commands.command import Need
from bot.model import Destination, Platform, Subscription
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.commands.calls import HERE, make_call, say
from tests.commands.typing import read_ref

ON_SLACK = Destination(Platform.SLACK, "T1", "C1")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


async def ask(store: SqlStore, text: str, **given: Any) -> Answer:
    return await answer_text(make_call(store, **given), text, read_ref=read_ref)


async def test_a_command_is_done_and_a_question_answered(store: SqlStore) -> None:
    done = await ask(store, "/alerts subscribe pair in #news")
    asked = await ask(store, "anything on Huawei this week?")

    (made,) = await store.find_subscriptions(HERE.platform)
    assert (done.title, made.destination.channel) == ("Subscribed", "news")
    assert asked.title.startswith("Huawei, ")


async def test_a_noun_alone_tells_its_commands_and_how_they_are_typed(store: SqlStore) -> None:
    said = say(await ask(store, "/watch", place=ON_SLACK))

    assert said.startswith("Look for further companies\n> /watch add Watch a company")
    assert "as in /watch add Fairphone maker" in said


async def test_help_of_a_command_lists_its_options(store: SqlStore) -> None:
    said = say(await ask(store, "/alerts help mute"))

    assert said.startswith("/alerts mute\nHear no more of a company")
    assert "subject: A company, an outlet, or a story by its #id or link (needed)" in said
    assert "> /alerts mute Xiaomi for 7d is how it is typed" in said


async def test_who_may_change_things_is_said_in_the_words_of_the_platform(store: SqlStore) -> None:
    alerts = "Have stories posted in a channel"

    assert f"# {alerts} (managers of channels)" in say(await ask(store, "/news help"))
    on_slack = say(await ask(store, "/news help", place=ON_SLACK))
    assert f"# {alerts} (those who may change things here)" in on_slack
    listed = await ask(store, "/alerts list", place=ON_SLACK)
    assert listed.title == "No channel of this workspace gets news yet"


async def test_a_verb_with_a_slip_is_a_question_that_says_what_was_meant(store: SqlStore) -> None:
    said = say(await ask(store, "/news recnt huawei"))

    assert said.endswith("> /news recent huawei may be what you meant")


async def test_help_needs_nothing_else(store: SqlStore) -> None:
    for text in ("/help", "/news help", "/alerts", "/alerts help mute"):
        told = find_help_or_none(text, HERE.platform, now=NOW)
        assert told == await ask(store, text)
    for text in ("help", "/news recent", "/alerts subscribe dayly", "/alert help"):
        assert find_help_or_none(text, HERE.platform, now=NOW) is None


async def test_a_call_from_outside_every_channel_has_to_name_one(store: SqlStore) -> None:
    outside = replace(ON_SLACK, channel="")

    refused = await ask(store, "/alerts subscribe pair", place=outside)
    done = await ask(store, "/alerts subscribe pair #C7", place=outside)

    assert (refused.tone, refused.title.partition(":")[0]) == (Tone.REFUSED, "channel")
    assert done.title == "Subscribed"
    (made,) = await store.find_subscriptions()
    assert made.destination == replace(ON_SLACK, channel="C7")


async def test_who_may_not_is_refused(store: SqlStore) -> None:
    by_rights = await ask(store, "/alerts subscribe", may=frozenset({Need.NOTHING}))

    async def check(*_: object) -> Answer:
        return refuse("Not you")

    checked = await answer_text(make_call(store), "/news status", check=check)

    assert (by_rights.title, by_rights.tone) == (
        "You may not use /alerts subscribe here",
        Tone.REFUSED,
    )
    assert checked.title == "Not you"
    assert await store.find_subscriptions() == ()


async def test_what_is_not_understood_is_a_refusal(store: SqlStore) -> None:
    answer = await ask(store, "/alerts subscribe dayly")

    assert (answer.tone, "Did you mean daily?" in answer.title) == (Tone.REFUSED, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/alerts pause 2h", True),
        ("提醒 暂停", True),
        ("/提醒订阅 组合", True),
        ("／alerts subscribe", True),
        (":alerts subscribe", True),
        ("/news recent", False),
        ("hello", False),
    ],
)
def test_commands_that_change_something_are_known_by_their_words(text: str, expected: bool) -> None:
    assert changes_something(text) is expected


async def test_a_thread_of_slack_is_its_channel_unless_it_gets_news_itself(
    store: SqlStore,
) -> None:
    thread = replace(ON_SLACK, thread="1700000000.000100")
    call = make_call(store, place=thread)
    await store.subscribe(Subscription(ON_SLACK), now=NOW)
    before = await find_channel(call)
    await store.subscribe(Subscription(thread), now=NOW)
    after = await find_channel(call)

    assert before.destination == ON_SLACK
    assert before.subscription is not None
    assert after.destination == thread
