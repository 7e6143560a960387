from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from bot.commands.answer import Answer, Tone, refuse
from bot.commands.command import Call, Command, OptionKind, Upload
from bot.commands.forms import (
    MAX_VALUE,
    Field,
    Form,
    field_of,
    find_changed,
    make_form,
    needs_form,
    read_form,
)
from bot.commands.running import apologise, run_command
from bot.commands.settingtexts import YES
from bot.commands.table import TABLE, find_command_or_none
from bot.model import (
    Destination,
    Event,
    Ping,
    QuietHours,
    Rhythm,
    Role,
    Scope,
    Subscription,
    Watch,
)
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.commands.calls import HERE, make_call

OTHER = replace(HERE, channel="c2")
NOWHERE = replace(HERE, channel="")
WHOLE = Subscription(
    HERE,
    scope=Scope.PAIR,
    events=(Event.DEAL, Event.BAN),
    companies=("huawei", "att"),
    min_outlets=2,
    rhythm=Rhythm.DAILY,
    at=time(7, 30),
    time_zone="Europe/Berlin",
    quiet=QuietHours(time(22), time(6, 15)),
    ping=Ping("r1", is_for_pairs=True, events=(Event.LAUNCH,)),
    opens_threads=True,
)
WATCH = Watch(
    "Fairphone",
    role=Role.MAKER,
    aliases=("Fairphone NV", "FP5"),
    needs=("phone",),
    unless=("fair", "trade"),
    platform=HERE.platform,
    workspace=HERE.workspace,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


def command(words: str) -> Command:
    found = find_command_or_none(*words.split())
    assert found is not None
    return found


SUBSCRIBE, SETTINGS = command("alerts subscribe"), command("alerts settings")
WATCH_ADD, WATCH_EDIT = command("watch add"), command("watch edit")


def shown(form: Form) -> dict[str, str]:
    return {one.name: form.shown(one) for one in form.fields}


def field(form: Form, name: str) -> Field:
    return next(one for one in form.fields if one.name == name)


async def hand_in(call: Call, form: Form, **written: Any) -> Answer:
    """The form handed in with ``written`` over what it shows."""
    values = read_form(form.command, form.marks(), shown(form) | written)
    return await run_command(form.command, replace(call, values=values))


async def settings_of(store: SqlStore, place: Destination = HERE) -> Subscription | None:
    return await store.find_subscription_or_none(place)


def test_every_command_that_cannot_do_without_something_has_a_form() -> None:
    assert [
        row for row in TABLE if any(o.is_required for o in row.options) and not row.has_form
    ] == []


@pytest.mark.parametrize("words", ["alerts subscribe", "alerts settings", "alerts pause"])
def test_a_form_is_shown_where_nothing_is_typed_behind_it(words: str) -> None:
    assert needs_form(command(words), {})
    assert not needs_form(command(words), {"channel": "c1"})


@pytest.mark.parametrize("words", ["news recent", "alerts unsubscribe", "watch list"])
def test_what_does_something_by_itself_needs_no_form(words: str) -> None:
    assert not needs_form(command(words), {})


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.noun} {row.verb}")
async def test_every_command_can_be_a_form(store: SqlStore, row: Command) -> None:
    form = await make_form(make_call(store), row)

    assert [one.name for one in form.fields] == [option.name for option in row.options]
    assert all(one.label and one.hint for one in form.fields)
    assert form.submit
    assert form.title == f"/{row.noun} {row.verb}"


async def test_a_form_speaks_the_language_of_who_fills_it_in(store: SqlStore) -> None:
    form = await make_form(replace(make_call(store), lang="zh-CN"), SUBSCRIBE)

    assert form.title == "/提醒 订阅"
    assert field(form, "quiet_hours").label == "免打扰"
    assert field(form, "scope").picks[-1][1].startswith("组合")


async def test_a_new_subscription_asks_for_where_and_assumes_nothing(store: SqlStore) -> None:
    form = await make_form(make_call(store), SUBSCRIBE)

    assert {name: value for name, value in shown(form).items() if value} == {"channel": "c1"}


async def test_settings_show_what_is_set_as_people_would_type_it(store: SqlStore) -> None:
    await store.subscribe(WHOLE, now=NOW)

    form = await make_form(make_call(store), SETTINGS)

    assert shown(form) == {
        "channel": "c1",
        "scope": "pair",
        "events": "deal, ban or sanction",
        "companies": "Huawei, AT&T",
        "min_outlets": "2",
        "mode": "daily",
        "at": "07:30",
        "time_zone": "Europe/Berlin",
        "quiet_hours": "22:00-06:15",
        "mention": "r1",
        "mention_for": "pairs, launch",
        "thread": YES,
    }


@pytest.mark.parametrize(
    "wanted",
    [
        Subscription(HERE),
        WHOLE,
        replace(WHOLE, rhythm=Rhythm.HOURLY, at=time(0, 15)),
        replace(WHOLE, rhythm=Rhythm.LIVE, at=time(9), ping=Ping("r1"), quiet=None),
        replace(WHOLE, events=tuple(Event), ping=Ping("r1", events=tuple(Event))),
    ],
)
async def test_what_settings_show_is_what_typing_it_would_set(
    store: SqlStore, wanted: Subscription
) -> None:
    await store.subscribe(wanted, now=NOW)
    call = make_call(store)
    typed = read_form(SUBSCRIBE, {}, shown(await make_form(call, SETTINGS)) | {"channel": "c2"})
    typed = {name: value for name, value in typed.items() if value != "none"}

    await run_command(SUBSCRIBE, replace(call, values=typed))

    got = await settings_of(store, OTHER)
    assert got == replace(wanted, destination=OTHER, subscribed_by=got.subscribed_by if got else "")


async def test_a_form_handed_in_as_it_was_changes_nothing(store: SqlStore) -> None:
    await store.subscribe(WHOLE, now=NOW)
    call = make_call(store)
    form = await make_form(call, SETTINGS)

    assert read_form(SETTINGS, form.marks(), shown(form)) == {"channel": "c1"}
    await hand_in(call, form)
    assert await settings_of(store) == WHOLE


async def test_only_what_was_written_is_changed_though_somebody_else_changed_more(
    store: SqlStore,
) -> None:
    await store.subscribe(WHOLE, now=NOW)
    call = make_call(store)
    form = await make_form(call, SETTINGS)
    await store.subscribe(replace(WHOLE, scope=Scope.ANY, min_outlets=4), now=NOW)

    await hand_in(call, form, quiet_hours="23-7")

    assert await settings_of(store) == replace(
        WHOLE, scope=Scope.ANY, min_outlets=4, quiet=QuietHours(time(23), time(7))
    )


@pytest.mark.parametrize(
    ("name", "cleared"),
    [
        ("scope", {"scope": Scope.ANY}),
        ("events", {"events": ()}),
        ("companies", {"companies": ()}),
        ("min_outlets", {"min_outlets": 1}),
        ("mode", {"rhythm": Rhythm.LIVE}),
        ("at", {"at": time(9)}),
        ("time_zone", {"time_zone": "UTC"}),
        ("quiet_hours", {"quiet": None}),
        ("mention", {"ping": None}),
        ("mention_for", {"ping": Ping("r1")}),
        ("thread", {"opens_threads": False}),
    ],
)
async def test_an_emptied_field_clears_its_setting(
    store: SqlStore, name: str, cleared: Mapping[str, Any]
) -> None:
    await store.subscribe(WHOLE, now=NOW)
    call = make_call(store)

    answer = await hand_in(call, await make_form(call, SETTINGS), **{name: ""})

    assert answer.tone is Tone.DONE
    assert await settings_of(store) == replace(WHOLE, **cleared)


async def test_an_emptied_condition_beside_no_group_is_nothing(store: SqlStore) -> None:
    await store.subscribe(replace(WHOLE, ping=None), now=NOW)
    form = await make_form(make_call(store), SETTINGS)

    assert read_form(SETTINGS, form.marks(), shown(form) | {"mention_for": ""}) == {"channel": "c1"}


async def test_a_time_beside_live_is_a_question_and_no_silent_change(store: SqlStore) -> None:
    await store.subscribe(Subscription(HERE), now=NOW)
    call = make_call(store)

    answer = await hand_in(call, await make_form(call, SETTINGS), at="9:00")

    assert field_of(answer, SETTINGS).field == "at"
    assert await settings_of(store) == Subscription(HERE)


async def test_a_time_in_a_new_form_makes_the_posts_daily(store: SqlStore) -> None:
    call = make_call(store)

    await hand_in(call, await make_form(call, SUBSCRIBE), at="7am")

    got = await settings_of(store)
    assert got is not None
    assert (got.rhythm, got.at) == (Rhythm.DAILY, time(7))


async def test_settings_of_another_channel_are_shown_where_it_is_named(store: SqlStore) -> None:
    await store.subscribe(replace(WHOLE, destination=OTHER), now=NOW)
    await store.subscribe(Subscription(HERE), now=NOW)

    form = await make_form(make_call(store, channel="c2"), SETTINGS)

    assert (shown(form)["channel"], shown(form)["scope"]) == ("c2", "pair")


async def test_what_was_written_stays_when_another_channel_is_chosen(store: SqlStore) -> None:
    await store.subscribe(WHOLE, now=NOW)
    await store.subscribe(Subscription(OTHER), now=NOW)
    first = await make_form(make_call(store), SETTINGS)
    written = shown(first) | {"channel": "c2", "quiet_hours": "20-8", "events": ""}
    typed = find_changed(first.marks(), written)

    form = await make_form(make_call(store, channel="c2"), SETTINGS, typed=typed)

    assert typed == {"channel": "c2", "quiet_hours": "20-8", "events": ""}
    assert shown(form) == shown(await make_form(make_call(store, channel="c2"), SETTINGS)) | {
        "quiet_hours": "20-8"
    }
    assert read_form(SETTINGS, form.marks(), shown(form)) == {
        "channel": "c2",
        "quiet_hours": "20-8",
    }


async def test_settings_of_a_silent_channel_say_what_to_do(store: SqlStore) -> None:
    form = await make_form(make_call(store), SETTINGS)

    assert "/alerts subscribe" in form.note


async def test_a_thread_is_named_with_its_channel(store: SqlStore) -> None:
    thread = replace(HERE, thread="t1")
    await store.subscribe(replace(WHOLE, destination=thread), now=NOW)

    form = await make_form(make_call(store, place=thread), SETTINGS)

    assert (shown(form)["channel"], shown(form)["scope"]) == ("c1/t1", "pair")


@pytest.mark.parametrize("row", [SUBSCRIBE, SETTINGS, command("alerts mute")])
async def test_outside_every_channel_one_must_be_chosen(store: SqlStore, row: Command) -> None:
    form = await make_form(make_call(store, place=NOWHERE), row)

    assert field(form, "channel").is_required
    assert not field(form, "channel").value
    assert field(form, "channel").hint == "Where"


async def test_a_channel_that_may_be_left_out_says_which_is_meant_then(store: SqlStore) -> None:
    inside = await make_form(make_call(store), SUBSCRIBE)
    outside = await make_form(replace(make_call(store, place=NOWHERE), lang="zh"), SUBSCRIBE)

    assert field(inside, "channel").hint == "Where; this channel if left out"
    assert field(outside, "channel").hint == "在哪个频道"


async def test_the_rules_of_a_watched_company_are_shown_once_it_is_chosen(store: SqlStore) -> None:
    await store.save_watch(WATCH, now=NOW)

    empty = await make_form(make_call(store), WATCH_EDIT)
    form = await make_form(make_call(store, name="fairphone"), WATCH_EDIT)

    assert not any(shown(empty).values())
    assert field(empty, "name").is_key
    assert shown(form) == {
        "name": "Fairphone",
        "role": "maker",
        "aliases": "Fairphone NV, FP5",
        "needs": "phone",
        "unless": "fair, trade",
    }


@pytest.mark.parametrize(
    ("name", "cleared"),
    [
        ("role", {"role": Role.OTHER}),
        ("aliases", {"aliases": ()}),
        ("needs", {"needs": ()}),
        ("unless", {"unless": ()}),
    ],
)
async def test_an_emptied_field_clears_a_rule(
    store: SqlStore, name: str, cleared: Mapping[str, Any]
) -> None:
    await store.save_watch(WATCH, now=NOW)
    call = make_call(store)
    form = await make_form(make_call(store, name="Fairphone"), WATCH_EDIT)

    await hand_in(call, form, **{name: ""})

    assert await store.find_watches() == (replace(WATCH, **cleared),)


async def test_what_is_asked_for_is_given_though_it_was_shown_already(store: SqlStore) -> None:
    await store.save_watch(WATCH, now=NOW)
    form = await make_form(make_call(store, name="Fairphone"), WATCH_EDIT)

    assert read_form(WATCH_EDIT, form.marks(), shown(form)) == {"name": "Fairphone"}


def test_a_file_and_a_number_keep_their_kinds() -> None:
    upload = Upload("feeds.txt", b"x")

    assert read_form(command("feeds import"), {}, {"file": upload}) == {"file": upload}
    assert read_form(SUBSCRIBE, {}, {"min_outlets": "3", "thread": YES}) == {
        "min_outlets": 3,
        "thread": True,
    }


def test_what_was_not_asked_is_left_alone() -> None:
    assert read_form(SETTINGS, {"events": "abc", "thread": "abc"}, {"channel": "c1"}) == {
        "channel": "c1"
    }


async def test_what_is_too_long_to_show_stays_unless_it_is_written_anew(store: SqlStore) -> None:
    many = tuple(f"Fairphone {number}" for number in range(400))
    await store.save_watch(replace(WATCH, aliases=many), now=NOW)

    form = await make_form(make_call(store, name="Fairphone"), WATCH_EDIT)

    assert len(", ".join(many)) > MAX_VALUE
    assert shown(form)["aliases"] == ""
    assert read_form(WATCH_EDIT, form.marks(), shown(form)) == {"name": "Fairphone"}


async def test_a_company_whose_name_has_a_comma_is_read_again(store: SqlStore) -> None:
    await store.save_watch(replace(WATCH, name="Nimbus, Inc", aliases=()), now=NOW)
    call = make_call(store)
    await run_command(SUBSCRIBE, replace(call, values={"companies": "nimbus-inc"}))
    before = await settings_of(store)
    form = await make_form(call, SETTINGS)

    await hand_in(call, form, companies=f"{shown(form)['companies']}, Huawei")

    after = await settings_of(store)
    assert before is not None
    assert after is not None
    assert after.companies == (*before.companies, "huawei")


@pytest.mark.parametrize(
    ("row", "said", "field_", "text"),
    [
        (SETTINGS, "at: I can't read “x”.", "at", "I can't read “x”."),
        (SETTINGS, "min_outlets: write a number.", "min_outlets", "Write a number."),
        (SETTINGS, "No news is posted there.", "", "No news is posted there."),
        (WATCH_ADD, "Honor is watched already; change it with edit", "name", None),
        (WATCH_ADD, "needs: that is no word.", "needs", "That is no word."),
        (command("feeds add"), "ftp://x: a feed's address starts with http://", "address", None),
        (command("alerts mute"), "for: I can't read “x”.", "for", "I can't read “x”."),
    ],
)
def test_a_refusal_is_about_the_field_it_names_or_the_one_that_must_be_there(
    row: Command, said: str, field_: str, text: str | None
) -> None:
    found = field_of(refuse(said), row)

    assert (found.field, found.text) == (field_, text or said)


def test_a_defect_of_ours_is_about_no_field() -> None:
    answer = apologise(ValueError("boom"), "/watch add", HERE)

    assert field_of(answer, WATCH_ADD).field == ""


@pytest.mark.parametrize(
    ("row", "written", "field_"),
    [
        (SUBSCRIBE, {"at": "25 o'clock"}, "at"),
        (SUBSCRIBE, {"events": "deels"}, "events"),
        (SUBSCRIBE, {"companies": "Huawai"}, "companies"),
        (SUBSCRIBE, {"min_outlets": "11"}, "min_outlets"),
        (SUBSCRIBE, {"scope": "some"}, "scope"),
        (SUBSCRIBE, {"mode": "weekly"}, "mode"),
        (SUBSCRIBE, {"time_zone": "Atlantis"}, "time_zone"),
        (SUBSCRIBE, {"quiet_hours": "late"}, "quiet_hours"),
        (SUBSCRIBE, {"mention_for": "deals"}, "mention_for"),
        (SUBSCRIBE, {"mention": "r1", "mention_for": "deels"}, "mention_for"),
        (SUBSCRIBE, {"mention": "g1"}, "mention"),
        (WATCH_ADD, {"name": "Fairphone", "role": "baker"}, "role"),
        (WATCH_ADD, {"name": "!"}, "name"),
        (WATCH_EDIT, {"name": "Nobody"}, "name"),
    ],
)
async def test_what_cannot_be_read_is_told_at_its_field(
    store: SqlStore, row: Command, written: Mapping[str, Any], field_: str
) -> None:
    call = make_call(store)

    answer = await hand_in(call, await make_form(call, row), **written)

    assert answer.tone is Tone.REFUSED
    assert field_of(answer, row).field == field_
    assert await settings_of(store) is None
    assert await store.find_watches() == ()


def test_every_kind_of_option_is_a_field_of_some_form() -> None:
    asked = {option.kind for row in TABLE if row.has_form for option in row.options}

    assert set(OptionKind) - asked == {OptionKind.COMPANY}
