from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands.actions import find_action_or_none
from bot.commands.answer import Answer, Choice, Choices
from bot.commands.command import Need
from bot.commands.home import MAX_CHANGES, MAX_CHANNELS, MAX_WATCHED, make_home
from bot.commands.running import run_action
from bot.commands.table import find_command_or_none
from bot.errors import InputInvalid
from bot.model import (
    FOREVER,
    AuditRecord,
    Destination,
    Mute,
    MuteKind,
    Rhythm,
    Scope,
    Subscription,
    Watch,
)
from bot.store import SqlStore, open_store
from tests.builders import NOW, story
from tests.commands.calls import HERE, MANAGER, make_call, say
from tests.contract.polls import commit_stories

HOME = replace(HERE, channel="")
ALL = frozenset(Need)
LOOKER = frozenset({Need.NOTHING})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


async def sees_all(_: Destination) -> bool:
    return True


async def sees_c1(place: Destination) -> bool:
    return place.channel == "c1"


def choices_of(answer: Answer) -> list[Choice]:
    rows = [part.choices for part in answer.parts if isinstance(part, Choices)]
    return [choice for row in rows for choice in row]


def subjects_of(answer: Answer) -> list[str]:
    return [f"{one.action} {one.subject}" for one in choices_of(answer)]


def own(name: str) -> Watch:
    return Watch(name, platform=HERE.platform, workspace=HERE.workspace)


async def test_an_empty_workspace_is_shown_where_to_start(store: SqlStore) -> None:
    home = await make_home(make_call(store, place=HOME, may=ALL), sees_all)

    assert "None yet. Choose a channel" in say(home)
    assert subjects_of(home) == ["form alerts.subscribe", "form watch.add"]


async def test_a_channel_is_shown_with_its_state_and_its_buttons(store: SqlStore) -> None:
    mute = Mute(MuteKind.COMPANY, "zte")
    await store.subscribe(
        Subscription(HERE, scope=Scope.PAIR, rhythm=Rhythm.DAILY, mutes=(mute,)), now=NOW
    )
    await store.change_mutes(HERE, now=NOW, add=[mute])

    said = say(home := await make_home(make_call(store, place=HOME), sees_all))

    assert "<#c1>: Every story that names a handset maker and a carrier" in said
    assert "Next post, if there is news: " in said
    assert "1 mute; /alerts list, typed there, shows it." in said
    assert "Muted:" not in said
    assert subjects_of(home)[:3] == [
        "form alerts.settings.c1",
        "alerts-pause c1",
        "alerts-end c1",
    ]


@pytest.mark.parametrize("held", [{"paused_until": FOREVER}, {"parked": "it is archived"}])
async def test_a_channel_that_gets_nothing_can_be_resumed(
    store: SqlStore, held: dict[str, Any]
) -> None:
    await store.subscribe(replace(Subscription(HERE), **held), now=NOW)

    home = await make_home(make_call(store, place=HOME), sees_all)

    assert "alerts-resume c1" in subjects_of(home)
    assert "alerts-pause c1" not in subjects_of(home)
    assert "Next post" not in say(home)


async def test_threads_are_named_with_their_channel(store: SqlStore) -> None:
    thread = replace(HERE, thread="1700000000.000100")
    await store.subscribe(Subscription(thread), now=NOW)

    home = await make_home(make_call(store, place=HOME), sees_all)

    assert "alerts-end c1/1700000000.000100" in subjects_of(home)
    assert all(len(one.subject) <= 60 and one.subject.isascii() for one in choices_of(home))


async def test_what_takes_something_away_names_what(store: SqlStore) -> None:
    thread = replace(HERE, thread="1700000000.000100")
    unnamed = replace(HERE, channel="c2")
    for place in (HERE, thread, unnamed):
        await store.subscribe(Subscription(place), now=NOW)
    await store.save_watch(own("Fairphone"), now=NOW)

    def name_of(place: Destination) -> str:
        return "news" if place.channel == "c1" else ""

    call = make_call(store, place=HOME, may=ALL)
    home = await make_home(call, sees_all, name_of=name_of)

    asked = {one.subject: one.warning for one in choices_of(home) if one.is_risky}
    assert set(asked.values()) == {
        "Unsubscribe #news? Its settings and mutes are forgotten.",
        "Unsubscribe a thread in #news? Its settings and mutes are forgotten.",
        "Unsubscribe this channel? Its settings and mutes are forgotten.",
        "Remove Fairphone? What was said of it, as aliases and words to look for, is forgotten.",
    }
    assert asked["c1"].startswith("Unsubscribe #news?")


async def test_channels_that_somebody_is_not_in_are_only_counted(store: SqlStore) -> None:
    for channel in ("c1", "c2", "c3"):
        await store.subscribe(Subscription(replace(HERE, channel=channel)), now=NOW)

    home = await make_home(make_call(store, place=HOME), sees_c1)

    assert "3 channels; 2 of them you are not in." in say(home)
    assert "c2" not in say(home)


async def test_channels_that_somebody_may_not_know_of_are_not_even_counted(
    store: SqlStore,
) -> None:
    for channel in ("c1", "c2", "c3"):
        await store.subscribe(Subscription(replace(HERE, channel=channel)), now=NOW)

    async def knows(place: Destination) -> bool:
        return place.channel != "c3"

    home = await make_home(replace(make_call(store, place=HOME), sees=knows), sees_c1)
    assert "2 channels; 1 of them you are not in." in say(home)


async def test_who_may_only_look_gets_no_buttons(store: SqlStore) -> None:
    await store.subscribe(Subscription(HERE), now=NOW)
    await store.save_watch(own("Fairphone"), now=NOW)
    await store.add_audit(AuditRecord(NOW, HERE, "u1", "/alerts subscribe"))

    home = await make_home(make_call(store, place=HOME, may=LOOKER), sees_all)

    assert choices_of(home) == []
    assert "Latest changes" not in say(home)
    assert "Fairphone" in say(home)


async def test_long_lists_are_cut_and_say_where_the_rest_is(store: SqlStore) -> None:
    for number in range(60):
        await store.subscribe(Subscription(replace(HERE, channel=f"c{number:02}")), now=NOW)
    for number in range(40):
        await store.save_watch(own(f"Quarzon {number:02}"), now=NOW)

    home = await make_home(make_call(store, place=HOME, may=ALL), sees_all)

    said = say(home)
    assert f"> /alerts list shows the other {60 - MAX_CHANNELS} too" in said
    assert f"> /watch list shows the other {40 - MAX_WATCHED} too" in said
    removals = [one for one in choices_of(home) if one.action == "watch-remove"]
    assert [one.label for one in removals][:2] == ["Remove Quarzon 00", "Remove Quarzon 01"]
    assert len(removals) == MAX_WATCHED
    assert "form watch.remove" in subjects_of(home)


async def test_every_button_of_the_page_does_something(store: SqlStore) -> None:
    await store.subscribe(Subscription(HERE), now=NOW)
    await store.subscribe(Subscription(replace(HERE, channel="c2"), parked="x"), now=NOW)
    for number in range(MAX_WATCHED + 1):
        await store.save_watch(own(f"Quarzon {number:02}"), now=NOW)

    home = await make_home(make_call(store, place=HOME, may=ALL), sees_all)

    for one in choices_of(home):
        if one.action == "form":
            command = find_command_or_none(*one.subject.split(".")[:2])
            assert command is not None
            assert command.has_form
        else:
            assert find_action_or_none(one.action) is not None


async def test_stories_and_changes_are_shown_the_newest_first(store: SqlStore) -> None:
    await commit_stories(store, story("s1", headline="Huawei fails", published_at=NOW))
    for number in range(8):
        said = f"/alerts pause for:{number}h channel:c1"
        await store.add_audit(AuditRecord(NOW + timedelta(seconds=number), HERE, "u1", said))

    said = say(await make_home(make_call(store, place=HOME), sees_all, managers="everybody"))

    assert "- Huawei fails" in said
    assert said.count("/alerts pause for:") == MAX_CHANGES
    assert said.index("for:7h") < said.index("for:3h")
    assert "# Who may change all this\neverybody" in said


async def test_changes_in_channels_that_somebody_is_not_in_are_not_told(store: SqlStore) -> None:
    secret = replace(HERE, channel="c2")
    await store.add_audit(AuditRecord(NOW, secret, "u1", "/alerts mute subject:ZTE"))
    await store.add_audit(AuditRecord(NOW, HERE, "u1", "/alerts pause channel:c3"))
    await store.add_audit(AuditRecord(NOW, HOME, "u1", "/watch add name:Fairphone"))

    said = say(await make_home(make_call(store, place=HOME), sees_c1))

    assert "/watch add name:Fairphone" in said
    assert "ZTE" not in said
    assert "c3" not in said


@pytest.mark.parametrize("name", ["alerts-pause", "alerts-resume", "alerts-end"])
def test_what_a_button_does_to_a_channel_needs_the_right_there(name: str) -> None:
    action = find_action_or_none(name)

    assert action is not None
    assert action.need is Need.CHANNELS
    assert action.is_about_channel


async def press(store: SqlStore, name: str, subject: str) -> Answer:
    action = find_action_or_none(name)
    assert action is not None
    return await run_action(action, make_call(store, place=HOME, may=MANAGER, subject=subject))


async def test_a_channel_is_paused_resumed_and_ended_by_its_buttons(store: SqlStore) -> None:
    other = replace(HERE, channel="c2", thread="t2")
    await store.subscribe(Subscription(other), now=NOW)
    await store.subscribe(Subscription(HERE), now=NOW)

    paused = await press(store, "alerts-pause", "c2/t2")
    found = await store.find_subscription_or_none(other)
    assert found is not None
    assert found.paused_until == FOREVER
    assert subjects_of(paused) == ["alerts-resume c2/t2"]

    await press(store, "alerts-resume", "c2/t2")
    found = await store.find_subscription_or_none(other)
    assert found is not None
    assert found.paused_until is None

    await press(store, "alerts-end", "c2/t2")
    assert await store.find_subscription_or_none(other) is None
    assert await store.find_subscription_or_none(HERE) is not None
    done = await store.find_audit(HERE.platform, HERE.workspace, limit=10)
    assert [one.said for one in done] == [
        "/alerts unsubscribe channel:c2/t2",
        "/alerts resume channel:c2/t2",
        "/alerts pause channel:c2/t2",
    ]


async def test_a_button_of_a_channel_that_gets_nothing_any_more_says_so(store: SqlStore) -> None:
    action = find_action_or_none("alerts-pause")
    assert action is not None

    with pytest.raises(InputInvalid, match="No news is posted in that channel"):
        await action.run(make_call(store, place=HOME, subject="c9"))


async def test_what_is_of_the_whole_workspace_has_buttons_for_who_manages_it(
    store: SqlStore,
) -> None:
    await store.subscribe(Subscription(HERE), now=NOW)
    await store.save_watch(own("Fairphone"), now=NOW)

    home = await make_home(make_call(store, place=HOME, may=MANAGER), sees_all)

    assert "alerts-pause c1" in subjects_of(home)
    assert not any("watch" in one for one in subjects_of(home))
