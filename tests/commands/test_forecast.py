from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.commands.forecast import LOOKED_BACK, look_back, make_forecast
from bot.matching import Watchers, company_of
from bot.model import Event, Mute, MuteKind, Ping, Platform, Role, Scope, Subscription, Watch
from tests.builders import NOW, story
from tests.commands.calls import CATALOGUE, HERE

NOBODY = Watchers(CATALOGUE)
WANTED = Subscription(HERE)


def test_days_are_those_of_the_subscriptions_time_zone() -> None:
    late = story(published_at=NOW.replace(hour=1) - timedelta(days=1), opened_at=NOW)
    past = look_back([late], NOBODY, WANTED, now=NOW)

    in_utc = make_forecast(past, WANTED).per_day
    in_new_york = make_forecast(past, replace(WANTED, time_zone="America/New_York")).per_day

    assert [day for day, count in in_utc if count] == [date(2018, 1, 8)]
    assert [day for day, count in in_new_york if count] == [date(2018, 1, 7)]


def test_what_is_older_than_a_month_does_not_count() -> None:
    old = story("old", published_at=NOW - LOOKED_BACK - timedelta(seconds=1))
    edge = story("edge", published_at=NOW - LOOKED_BACK)

    past = look_back([old, edge], NOBODY, WANTED, now=NOW)

    assert ([one.id for one in past.stories], past.days) == (["edge"], 30)


def test_a_story_counts_as_the_workspace_sees_it() -> None:
    watch = Watch("Fairphone", Role.MAKER, platform=Platform.DISCORD, workspace="g1")
    company = company_of(watch).id
    seen = story(makers=(company,), is_pair_to_all=False, watched=(company,), is_relevant=False)
    pairs = replace(WANTED, scope=Scope.PAIR)

    here = look_back([seen], Watchers(CATALOGUE, [watch]), pairs, now=NOW)
    there = look_back([seen], NOBODY, pairs, now=NOW)

    assert make_forecast(here, pairs).pairs == 1
    assert there.stories == ()


def test_mutes_and_calls_are_counted() -> None:
    stories = [
        story("deal", event=Event.DEAL),
        story("ban", event=Event.BAN),
        story("zte", makers=("zte",)),
    ]
    wanted = replace(
        WANTED,
        mutes=(Mute(MuteKind.COMPANY, "zte"), Mute(MuteKind.STORY, "deal", NOW)),
        ping=Ping("r1", events=(Event.BAN,)),
    )

    found = make_forecast(look_back(stories, NOBODY, wanted, now=NOW), wanted)

    assert {one.id for one in found.stories} == {"deal", "ban"}
    assert (found.muted, found.calls) == (1, 1)


@given(
    hours=st.lists(st.integers(-1, 24 * 40), max_size=30),
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "Pacific/Kiritimati", "America/New_York"]),
)
def test_every_story_is_counted_on_one_day(hours: list[int], zone: str) -> None:
    stories = [
        story(f"s{number}", published_at=NOW - timedelta(hours=back))
        for number, back in enumerate(hours)
    ]
    wanted = replace(WANTED, time_zone=zone)
    past = look_back(stories, NOBODY, wanted, now=NOW)

    found = make_forecast(past, wanted)

    assert len(found.stories) == sum(back <= 24 * 30 for back in hours)
    assert sum(count for _, count in found.per_day) == len(found.stories)
    assert past.days <= len(found.per_day) <= past.days + 2
    assert abs(found.average * past.days - len(found.stories)) < 1e-9
