from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from bot.commands.answer import (
    Answer,
    Card,
    Choice,
    Choices,
    Facts,
    Heading,
    Lines,
    Stories,
    Tone,
    refuse,
)
from bot.commands.command import Call, Command, Office
from bot.commands.forms import Form, make_form, read_form
from bot.commands.suggest import Suggestion
from bot.commands.table import TABLE, find_command_or_none
from bot.model import (
    Destination,
    Event,
    Ping,
    Platform,
    QuietHours,
    Rhythm,
    Scope,
    Subscription,
    Watch,
)
from bot.platforms.slack.fields import PickedFile, draw_options, make_field_id
from bot.platforms.slack.modal import (
    ANSWER,
    FORM,
    MAX_METADATA,
    Memory,
    View,
    draw_errors,
    draw_form,
    draw_result,
    draw_working,
    read_memory_or_none,
    read_submission,
)
from bot.store import SqlStore, open_store
from tests.builders import NOW, message
from tests.commands.calls import CATALOGUE, MATCHER
from tests.platforms.hostile import texts
from tests.servers.slack.modals import find_elements, find_values, read_view, view_json

HERE = Destination(Platform.SLACK, "T1", "C1")
THREAD = replace(HERE, thread="1700000000.000100")
GROUPS = {"S0123": "@desk"}
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
    ping=Ping("S0123", is_for_pairs=True),
    opens_threads=True,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


def command(words: str) -> Command:
    found = find_command_or_none(*words.split())
    assert found is not None
    return found


SETTINGS = command("alerts settings")


def call_of(store: SqlStore, place: Destination = HERE, **values: str) -> Call:
    return Call(place, "U1", NOW, Office(store, CATALOGUE, MATCHER), values=values)


def take(view: View) -> View:
    """The modal as Slack has it, which says that it is one."""
    complaints: list[str] = []
    body = read_view(view, kind=view["type"], complaints=complaints)
    # Where somebody wrote "&amp;", a reader shall see just that.
    assert not [one for one in complaints if "escaped twice" not in one]
    return view_json(body) | {"id": "V1", "state": {"values": find_values(body["blocks"])}}


def write(view: View, name: str, **value: Any) -> None:
    """Put something into a field of the modal."""
    for block_id, elements in view["state"]["values"].items():
        if block_id.split(":")[1] == name:
            next(iter(elements.values())).update(value)
            return
    raise AssertionError(name)


def forget_untouched(view: View, *names: str) -> None:
    """Tell nothing of fields that nobody touched, as Slack may after an update."""
    empty: Mapping[str, Any] = {
        "value": None,
        "selected_option": None,
        "selected_options": [],
    }
    for block_id, elements in view["state"]["values"].items():
        if block_id.split(":")[1] in names:
            element = next(iter(elements.values()))
            element.update({key: empty[key] for key in element if key in empty})


def element_of(view: View, name: str) -> dict[str, Any]:
    for block, element in find_elements(view["blocks"]):
        if block["block_id"].split(":")[1] == name:
            return element
    raise AssertionError(name)


def values_of(view: View) -> dict[str, Any]:
    memory = read_memory_or_none(view)
    assert memory is not None
    return read_form(memory.command, memory.marks, read_submission(view, memory))


async def settings_form(store: SqlStore, wanted: Subscription = WHOLE) -> Form:
    await store.subscribe(wanted, now=NOW)
    return await make_form(call_of(store, wanted.destination), SETTINGS)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.noun} {row.verb}")
@pytest.mark.parametrize("lang", ["", "zh-CN"])
async def test_slack_takes_the_form_of_every_command(
    store: SqlStore, row: Command, lang: str
) -> None:
    form = await make_form(replace(call_of(store), lang=lang), row)

    view = draw_form(form, Memory(row, HERE, lang=lang))

    if row.options:
        assert [b for b in take(view)["blocks"] if b["type"] == "input"]
    assert view["callback_id"] == FORM


async def test_slack_takes_a_form_that_is_filled_in(store: SqlStore) -> None:
    view = take(draw_form(await settings_form(store), Memory(SETTINGS, HERE), names=GROUPS))

    assert element_of(view, "channel")["initial_conversation"] == "C1"
    assert element_of(view, "scope")["initial_option"]["value"] == "pair"
    assert [o["value"] for o in element_of(view, "events")["initial_options"]] == [
        "deal",
        "ban or sanction",
    ]
    assert [o["value"] for o in element_of(view, "companies")["initial_options"]] == [
        "Huawei",
        "AT&T",
    ]
    assert element_of(view, "mention")["initial_option"]["text"]["text"] == "@desk"
    assert element_of(view, "min_outlets")["initial_value"] == "2"
    assert element_of(view, "quiet_hours")["initial_value"] == "22:00-06:15"
    assert element_of(view, "time_zone")["initial_option"]["value"] == "Europe/Berlin"
    assert len(element_of(view, "thread")["initial_options"]) == 1


async def test_a_form_that_nobody_touched_says_nothing_but_where(store: SqlStore) -> None:
    view = take(draw_form(await settings_form(store), Memory(SETTINGS, HERE)))

    assert values_of(view) == {"channel": "C1"}


async def test_what_is_written_into_each_kind_of_field_is_read(store: SqlStore) -> None:
    view = take(draw_form(await settings_form(store), Memory(SETTINGS, HERE)))
    write(view, "channel", selected_conversation="C2")
    write(view, "scope", selected_option={"value": "makers"})
    write(view, "events", selected_options=[])
    write(view, "companies", selected_options=[{"value": "ZTE"}, {"value": "AT&amp;T"}])
    write(view, "min_outlets", value="5")
    write(view, "mode", selected_option=None)
    write(view, "at", value="8am")
    write(view, "time_zone", selected_option={"value": "Asia/Tokyo"})
    write(view, "quiet_hours", value=None)
    write(view, "mention", selected_option={"value": "here"})
    write(view, "mention_for", value="deals")
    write(view, "thread", selected_options=[])

    assert values_of(view) == {
        "channel": "C2",
        "scope": "makers",
        "events": "none",
        "companies": "ZTE, AT&T",
        "min_outlets": 5,
        "mode": "live",
        "at": "8am",
        "time_zone": "Asia/Tokyo",
        "quiet_hours": "none",
        "mention": "here",
        "mention_for": "deals",
        "thread": False,
    }


async def test_what_was_copied_from_an_answer_of_ours_is_read_as_it_was_meant(
    store: SqlStore,
) -> None:
    view = take(draw_form(await settings_form(store), Memory(SETTINGS, HERE)))
    write(view, "quiet_hours", value="`23꞉00-07:00`")

    assert values_of(view) == {"channel": "C1", "quiet_hours": "23:00-07:00"}


async def test_a_file_is_named_with_where_it_lies(store: SqlStore) -> None:
    row = command("feeds import")
    view = take(draw_form(await make_form(call_of(store), row), Memory(row, HERE)))
    file = {"id": "F1", "name": "a.opml", "url_private": "https://files.slack.com/a", "size": 7}
    write(view, "file", files=[file])
    memory = read_memory_or_none(view)

    assert memory is not None
    assert read_submission(view, memory) == {
        "file": PickedFile("F1", "a.opml", "https://files.slack.com/a", 7)
    }


async def test_a_modal_remembers_what_it_is_about(store: SqlStore) -> None:
    form = await settings_form(store)
    typed = {"quiet_hours": "20-8"}
    memory = Memory(SETTINGS, THREAD, channel="C1/1700000000.000100", generation=3, lang="zh")

    view = draw_form(replace(form, typed=typed), memory)

    assert read_memory_or_none(view) == replace(memory, marks=form.marks(), typed=typed)
    assert read_memory_or_none(draw_working("x", memory)) == memory


async def test_a_thread_stays_the_thread_unless_another_channel_is_chosen(store: SqlStore) -> None:
    await store.subscribe(replace(WHOLE, destination=THREAD), now=NOW)
    form = await make_form(call_of(store, THREAD), SETTINGS)
    view = take(draw_form(form, Memory(SETTINGS, THREAD, channel="C1/1700000000.000100")))

    assert values_of(view) == {"channel": "C1/1700000000.000100"}
    write(view, "channel", selected_conversation="C2")
    assert values_of(view) == {"channel": "C2"}


@pytest.mark.parametrize(
    "said", ["", "x", "{}", '{"c":"a"}', '{"c":"no.such","p":["T","C",""]}', '{"c":1,"p":2}', "[]"]
)
def test_what_is_no_form_of_ours_is_none(said: str) -> None:
    assert read_memory_or_none({"private_metadata": said}) is None


async def test_what_is_remembered_never_grows_too_long(store: SqlStore) -> None:
    form = await settings_form(store)
    typed = {one.name: "界" * 2900 for one in form.fields} | {"at": "9:00"}
    view = draw_form(replace(form, typed=typed), Memory(SETTINGS, HERE))

    memory = read_memory_or_none(view)

    assert len(view["private_metadata"]) <= MAX_METADATA
    assert memory is not None
    assert (memory.marks, memory.typed) == (form.marks(), {"at": "9:00"})


async def test_a_new_channel_gives_fields_new_names_but_for_those_somebody_wrote_in(
    store: SqlStore,
) -> None:
    form = replace(await settings_form(store), typed={"at": "9:00"})
    memory = Memory(SETTINGS, HERE, generation=2)

    view = draw_form(form, memory, kept=[make_field_id("at", 1), "other"])

    ids = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    assert {"n1:channel:0", "n1:at:1", "n1:scope:2", "n1:quiet_hours:2"} <= ids


CHOSEN = ("scope", "events", "companies", "mode", "time_zone", "mention", "thread")
WRITTEN = ("min_outlets", "at", "quiet_hours", "mention_for")


async def test_fields_of_an_updated_form_that_slack_tells_nothing_of_stay(store: SqlStore) -> None:
    view = take(draw_form(await settings_form(store), Memory(SETTINGS, HERE, generation=1)))
    forget_untouched(view, *CHOSEN, *WRITTEN)
    write(view, "quiet_hours", value="20-8")

    assert values_of(view) == {"channel": "C1", "quiet_hours": "20-8"}


@pytest.mark.parametrize("channel", ["C1", "C1/1700000000.000100"])
async def test_a_form_in_another_modals_place_keeps_its_channel_though_slack_does_not_tell_it(
    store: SqlStore, channel: str
) -> None:
    form = await make_form(call_of(store, channel=channel), SETTINGS)
    memory = Memory(SETTINGS, replace(HERE, channel=""), channel=channel, generation=1)
    view = take(draw_form(form, memory, is_whole=True))
    write(view, "channel", selected_conversation=None)

    assert values_of(view)["channel"] == channel


async def test_a_menu_of_channels_has_one_default(store: SqlStore) -> None:
    known = element_of(draw_form(await settings_form(store), Memory(SETTINGS, HERE)), "channel")
    outside = make_form(call_of(store, place=replace(HERE, channel="")), SETTINGS)
    unknown = element_of(draw_form(await outside, Memory(SETTINGS, HERE)), "channel")

    assert known["initial_conversation"] == "C1"
    assert "default_to_current_conversation" not in known
    assert unknown["default_to_current_conversation"] is True


async def test_an_emptied_field_of_an_updated_form_counts_where_others_are_told(
    store: SqlStore,
) -> None:
    view = take(draw_form(await settings_form(store), Memory(SETTINGS, HERE, generation=1)))
    forget_untouched(view, *CHOSEN)  # only what is written in is told
    write(view, "quiet_hours", value=None)

    assert values_of(view) == {"channel": "C1", "quiet_hours": "none"}


async def test_what_somebody_had_written_is_not_lost_with_an_update(store: SqlStore) -> None:
    form = replace(await settings_form(store), typed={"at": "9:00", "scope": "makers"})
    view = take(draw_form(form, Memory(SETTINGS, HERE, generation=1)))
    forget_untouched(view, *CHOSEN, *WRITTEN)

    assert values_of(view) == {"channel": "C1", "at": "9:00", "scope": "makers"}


async def test_an_error_stands_at_its_field(store: SqlStore) -> None:
    view = take(draw_form(await settings_form(store), Memory(SETTINGS, HERE, generation=4)))

    assert draw_errors(view, {"at": "I can't read that.", "nothing": "x"}) == {
        "response_action": "errors",
        "errors": {"n1:at:4": "I can't read that."},
    }
    assert draw_errors(view, {"": "x"}) == {}


async def test_an_error_that_comes_late_stands_above_its_field(store: SqlStore) -> None:
    form = await settings_form(store)

    view = take(draw_form(form, Memory(SETTINGS, HERE), errors={"at": "I <can't> read that."}))

    ids = [block["block_id"] for block in view["blocks"]]
    above = view["blocks"][ids.index("n1:at:0") - 1]
    assert above["type"] == "section"
    assert "I &lt;can't&gt; read that." in above["text"]["text"]


async def test_a_refusal_that_comes_late_stands_above_the_form(store: SqlStore) -> None:
    form = await settings_form(store)
    refused = refuse("I can't post there", Lines(("Invite me.",)), Heading("x"))

    view = take(draw_form(form, Memory(SETTINGS, HERE), problem=refused))

    assert "I can't post there" in view["blocks"][0]["text"]["text"]


@pytest.mark.parametrize("tone", Tone)
def test_an_answer_of_every_tone_is_a_modal(tone: Tone) -> None:
    choices = Choices((Choice("form", "alerts.settings.C1", "Settings"),))
    parts = (Facts((("A", "b"),)), Stories((message(),) * 40, more=3), choices)

    view = take(draw_result(Answer("Subscribed to AT&T", parts, tone=tone)))

    assert view["callback_id"] == ANSWER
    assert any(block["type"] == "actions" for block in view["blocks"])
    assert view["submit"] is None


def test_a_story_in_full_has_its_headline_once() -> None:
    told = message(headline="Huawei signs with AT&T")

    view = take(draw_result(Answer(told.headline, (Card(told), Lines(("More",))))))

    assert json.dumps(view).count("Huawei signs with AT&amp;T") == 1


def test_the_longest_answer_fits_into_a_modal() -> None:
    lines = Lines(("界" * 600,) * 200)

    view = draw_result(Answer("界" * 4000, (lines, Heading("x"), lines)))

    assert len(json.dumps(take(view))) < 250_000


@settings(max_examples=100, deadline=None)
@given(texts)
def test_slack_takes_an_answer_whatever_strangers_wrote(text: str) -> None:
    lines = Lines((text, (text, text)))

    take(draw_result(Answer(text, (lines, Facts(((text, text),)), Heading(text)))))


@lru_cache
def form_of_settings() -> Form:
    async def make() -> Form:
        async with await open_store("sqlite://") as store:
            return await settings_form(store)

    return asyncio.run(make())


@settings(max_examples=100, deadline=None)
@given(texts)
def test_slack_takes_a_form_whatever_strangers_wrote(text: str) -> None:
    form = form_of_settings()
    typed = {one.name: text[:3000] for one in form.fields}

    view = draw_form(
        replace(form, note=text, typed=typed),
        Memory(SETTINGS, HERE),
        names={"S0123": text},
        problem=refuse(text),
        errors=dict.fromkeys(typed, text),
    )

    take(view)
    assert read_memory_or_none(view) is not None
    assert json.dumps(view).isascii()


async def test_more_companies_than_a_menu_holds_are_a_text(store: SqlStore) -> None:
    names = [f"Quarzon {number}" for number in range(120)]
    for name in names:
        await store.save_watch(Watch(name, platform=Platform.SLACK, workspace="T1"), now=NOW)
    ids = tuple(one.replace(" ", "-").casefold() for one in names)
    form = await settings_form(store, replace(WHOLE, companies=ids))

    view = take(draw_form(form, Memory(SETTINGS, HERE)))

    assert element_of(view, "companies")["type"] == "plain_text_input"
    assert values_of(view) == {"channel": "C1"}


def test_a_menu_offers_what_is_suggested_and_last_what_is_typed() -> None:
    offered = draw_options([Suggestion("Huawei", "Huawei"), Suggestion("ZTE", "ZTE")], typed="hu")

    assert [one["value"] for one in offered] == ["Huawei", "ZTE", "hu"]
    assert offered[-1]["text"]["text"] == "“hu”"


def test_what_is_suggested_is_not_offered_twice() -> None:
    offered = draw_options([Suggestion("Huawei", "Huawei")] * 2, typed=" huawei ")

    assert [one["value"] for one in offered] == ["Huawei"]


@pytest.mark.parametrize("typed", ["", "   ", "x" * 151, "\N{GRINNING FACE}" * 76])
def test_what_a_menu_cannot_hold_is_not_offered(typed: str) -> None:
    assert draw_options([Suggestion("a" * 100, "b" * 151)], typed=typed) == []


def test_a_long_label_is_cut() -> None:
    (offered,) = draw_options([Suggestion("word " * 20, "v")])

    assert len(offered["text"]["text"]) <= 75
