from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.answer import RoleRef
from bot.commands.wishes import parse_calling, parse_events
from bot.commands.wording import (
    count,
    join,
    list_changes,
    list_events,
    list_state,
    tell_wishes,
)
from bot.model import (
    Event,
    Mute,
    MuteKind,
    Ping,
    QuietHours,
    Rhythm,
    Scope,
    Subscription,
)
from tests.builders import NOW
from tests.commands.calls import CATALOGUE, HERE, say_line

EVENTS = st.lists(st.sampled_from(Event), unique=True, max_size=15).map(tuple)
SUBSCRIPTIONS = st.builds(
    Subscription,
    destination=st.just(HERE),
    scope=st.sampled_from(Scope),
    events=EVENTS,
    companies=st.lists(st.sampled_from(sorted(CATALOGUE.companies)), max_size=4).map(tuple),
    min_outlets=st.integers(1, 10),
    rhythm=st.sampled_from(Rhythm),
    at=st.times(),
    quiet=st.none() | st.builds(QuietHours, st.times(), st.times()),
    ping=st.none() | st.builds(Ping, st.just("r1"), st.booleans(), EVENTS),
    opens_threads=st.booleans(),
    mutes=st.lists(
        st.builds(Mute, st.just(MuteKind.COMPANY), st.just("zte"), st.none()), max_size=2
    ).map(tuple),
)


@given(events=EVENTS)
def test_events_are_read_as_they_are_told(events: tuple[Event, ...]) -> None:
    assert parse_events(list_events(events) or "none") == events
    calling = parse_calling(f"pairs, {list_events(events)}")
    assert calling is not None
    assert (calling.is_for_pairs, calling.events) == (True, events)


@given(wanted=SUBSCRIPTIONS)
def test_whatever_is_wanted_is_one_sentence(wanted: Subscription) -> None:
    said = say_line(tell_wishes(wanted, CATALOGUE))

    assert said.startswith("Every story ")
    assert said.endswith(".")
    assert "\n" not in said
    assert ("<@r1>" in said) is (wanted.ping is not None)


@given(before=SUBSCRIPTIONS, after=SUBSCRIPTIONS)
def test_changes_are_told_where_there_are_any(before: Subscription, after: Subscription) -> None:
    assert list_changes(before, before, CATALOGUE) == ()
    names = {name for name, _ in list_changes(before, after, CATALOGUE)}
    assert ("Scope" in names) is (before.scope is not after.scope)
    assert ("Threads" in names) is (before.opens_threads is not after.opens_threads)


@pytest.mark.parametrize(
    ("ping", "said"),
    [
        (Ping("r1"), "; every post calls <@r1>."),
        (Ping("r1", is_for_pairs=True), "; pairs call <@r1>."),
        (Ping("r1", events=(Event.DEAL, Event.BAN)), "; deals, bans and sanctions call <@r1>."),
        (Ping("r1", is_for_pairs=True, events=(Event.BAN,)), "; pairs of the kind bans and"),
    ],
)
def test_who_is_called_for_what_is_said(ping: Ping, said: str) -> None:
    assert said in say_line(tell_wishes(Subscription(HERE, ping=ping), CATALOGUE))


def test_texts_that_touch_are_one_text() -> None:
    assert join("a", ("b", RoleRef("r1"), "c"), "d") == ("ab", RoleRef("r1"), "cd")
    assert join("a", "b") == "ab"


def test_what_ran_out_holds_nothing_back() -> None:
    old = Subscription(
        HERE,
        paused_until=NOW,
        mutes=(Mute(MuteKind.COMPANY, "zte", NOW - timedelta(seconds=1)),),
    )

    assert list_state(old, CATALOGUE, NOW) == ()


def test_counts_agree_with_their_nouns() -> None:
    assert (count(1, "story", "stories"), count(2_000, "day")) == ("1 story", "2,000 days")
