from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands.answer import Tone
from bot.commands.command import Handler
from bot.commands.muting import mute
from bot.commands.pausing import pause, resume
from bot.commands.previewing import MANY, preview
from bot.commands.subscribing import (
    change_settings,
    list_subscriptions,
    subscribe,
    unsubscribe,
)
from bot.errors import InputInvalid
from bot.model import (
    DIGEST_AT,
    FOREVER,
    Destination,
    Event,
    Mute,
    MuteKind,
    Ping,
    Platform,
    QuietHours,
    Rhythm,
    Scope,
    Subscription,
    Watch,
)
from bot.ports import PlaceProblem
from bot.store import SqlStore, open_store
from tests.builders import NOW, delivery, story
from tests.commands.calls import HERE, make_call, say
from tests.contract.polls import commit_stories

ELSEWHERE = replace(HERE, workspace="g2")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


@dataclass
class Desk:
    """The platform's word on every channel, once the bot has gone there."""

    problems: tuple[PlaceProblem, ...] = ()
    entered: set[Destination] = field(default_factory=set)

    async def enter(self, destination: Destination) -> None:
        self.entered.add(destination)

    async def find_problems(self, destination: Destination) -> tuple[PlaceProblem, ...]:
        assert destination in self.entered
        return self.problems


def at_desk(*problems: PlaceProblem) -> dict[str, Any]:
    return {"places": {"discord": Desk(problems)}}


GRAVE = PlaceProblem("Give me “Send Messages” in that channel.", is_grave=True)
LESSER = PlaceProblem("Give me “Create Public Threads”, or leave thread out.", is_grave=False)


async def save(store: SqlStore, **changes: Any) -> Subscription:
    made = replace(Subscription(HERE, subscribed_by="u1"), **changes)
    await store.subscribe(made, now=NOW)
    return made


async def commit_month(store: SqlStore) -> None:
    """A story a day for a month, of makers and carriers in turn; one of the last is a pair."""
    await commit_stories(
        store,
        *(
            story(
                f"day{day}",
                headline=f"Day {day}",
                makers=("huawei",) if day % 2 or day == 2 else (),
                carriers=() if day % 2 else ("att",),
                is_pair=day == 2,
                event=Event.BAN if day == 2 else Event.DEAL,
                published_at=NOW - timedelta(days=day, hours=-1),
                opened_at=NOW - timedelta(days=day, hours=-1),
                updated_at=NOW - timedelta(days=day, hours=-1),
            )
            for day in range(1, 31)
        ),
    )


async def test_a_channel_is_subscribed_with_a_word_on_what_to_expect(store: SqlStore) -> None:
    await commit_month(store)

    answer = await subscribe(make_call(store))

    assert await store.find_subscriptions() == (Subscription(HERE, subscribed_by="u1"),)
    assert answer.tone is Tone.DONE
    assert say(answer) == (
        "Subscribed\n"
        "<#c1>: Every story about handset makers or carriers, at once.\n"
        "# What to expect, by the last 30 days\n"
        "any (chosen): 1.0 a day: 30 stories, 1 pair\n"
        "makers: 0.5 a day: 16 stories, 1 pair\n"
        "carriers: 0.5 a day: 15 stories, 1 pair\n"
        "pair: <0.1 a day: 1 story, 1 pair\n"
        "> /alerts preview shows what would have come lately\n"
        "> /alerts settings changes it"
    )


async def test_every_option_is_kept_and_told(store: SqlStore) -> None:
    answer = await subscribe(
        make_call(
            store,
            channel="c2",
            scope="makers",
            events="deals, bans",
            companies="Huawei, zte",
            min_outlets=3,
            mode="daily",
            at="9:30",
            time_zone="berlin",
            quiet_hours="22-7",
            mention="r1",
            mention_for="pairs",
            thread=True,
        )
    )

    assert await store.find_subscriptions() == (
        Subscription(
            replace(HERE, channel="c2"),
            scope=Scope.MAKERS,
            events=(Event.DEAL, Event.BAN),
            companies=("huawei", "zte"),
            min_outlets=3,
            rhythm=Rhythm.DAILY,
            at=time(9, 30),
            time_zone="Europe/Berlin",
            quiet=QuietHours(time(22), time(7)),
            ping=Ping("r1", is_for_pairs=True),
            opens_threads=True,
            subscribed_by="u1",
        ),
    )
    assert say(answer).splitlines()[1] == (
        "<#c2>: Every story that names a handset maker, only deals, bans and sanctions, only with "
        "Huawei or ZTE, once 3 outlets tell it, as one post a day at 09:30 (Europe/Berlin); "
        "nothing from 22:00 to 07:00, that comes afterwards; pairs call <@r1>; what follows on a "
        "story goes into its thread."
    )


async def test_an_empty_record_is_no_forecast(store: SqlStore) -> None:
    answer = await subscribe(make_call(store))

    assert "# What to expect\nNo story is on record yet to count by." in say(answer)


async def test_a_channel_that_would_be_silent_or_flooded_is_told_so(store: SqlStore) -> None:
    await commit_month(store)

    silent = say(await subscribe(make_call(store, events="launches")))
    narrow = say(await change_settings(make_call(store, events="deals", scope="pair")))

    assert "As it is set nothing would have come. Fewer conditions bring more." in silent
    assert (
        "As it is set nothing would have come; scope any: 1.0 a day: 29 stories, no pair." in narrow
    )
    many = (story(f"more{one}", published_at=NOW) for one in range(MANY * 30))
    await commit_stories(store, *many)
    flooded = say(await change_settings(make_call(store, events="all", scope="any")))
    assert "That is much for one channel" in flooded


async def test_a_young_record_is_counted_by_its_own_days(store: SqlStore) -> None:
    old = story("old", is_history=True, published_at=NOW - timedelta(days=9, hours=20))
    await commit_stories(store, old, story("new"))

    said = say(await subscribe(make_call(store)))

    assert "# What to expect, by the last 10 days\nany (chosen): 0.2 a day: 2 stories" in said
    assert "The record reaches back 10 days, so that is what counts." in said
    assert "Feeds are read since 2018-01-09 08:30; of the time before only" in said


async def test_what_calls_and_what_is_muted_is_told_beside_the_forecast(store: SqlStore) -> None:
    await commit_month(store)
    await save(store, mutes=(Mute(MuteKind.STORY, "day1"),))

    said = say(await subscribe(make_call(store, mention="r1", mention_for="bans")))

    assert "1 of these would have called <@r1>." in said
    assert "1 story more would have come without mutes." in said
    assert "any (chosen): 1.0 a day: 29 stories, 1 pair" in said


async def test_a_second_subscription_changes_the_first_and_says_what(store: SqlStore) -> None:
    first = await save(store, scope=Scope.PAIR, opens_threads=True)

    answer = await subscribe(make_call(store, user="u2", scope="any", mode="hourly"))

    after = replace(first, scope=Scope.ANY, rhythm=Rhythm.HOURLY)
    assert await store.find_subscriptions() == (after,)
    assert say(answer).startswith(
        "Changed\n"
        "<#c1>: Every story about handset makers or carriers, as one post an hour, on the hour; "
        "what follows on a story goes into its thread.\n"
        "# What changed\n"
        "Scope: pair → any\n"
        "Mode: live → hourly\n"
        "At: at once → on the hour\n"
    )


async def test_where_nothing_can_be_posted_nothing_is_subscribed(store: SqlStore) -> None:
    answer = await subscribe(make_call(store, office=at_desk(GRAVE, LESSER)))

    assert answer.tone is Tone.REFUSED
    assert GRAVE.text in say(answer)
    assert await store.find_subscriptions() == ()


@dataclass
class SlowDesk:
    """A platform that takes its time: meanwhile somebody mutes a company."""

    store: SqlStore

    async def enter(self, destination: Destination) -> None:
        pass

    async def find_problems(self, destination: Destination) -> tuple[PlaceProblem, ...]:
        await mute(make_call(self.store, subject="zte"))
        return ()


@pytest.mark.parametrize("command", [subscribe, resume])
async def test_what_changes_while_the_platform_is_asked_is_kept(
    store: SqlStore, command: Handler
) -> None:
    await save(store, paused_until=FOREVER)

    await command(make_call(store, office={"places": {"discord": SlowDesk(store)}}))

    (made,) = await store.find_subscriptions()
    assert made.mutes == (Mute(MuteKind.COMPANY, "zte", by="u1"),)


async def test_lesser_problems_are_told_and_hinder_nothing(store: SqlStore) -> None:
    answer = await subscribe(make_call(store, office=at_desk(LESSER)))

    assert answer.tone is Tone.CAUTION
    assert LESSER.text in say(answer)
    assert len(await store.find_subscriptions()) == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"scope": "some"}, 'scope: I can\'t read "some". Choose one of any, makers'),
        ({"mode": "live", "at": "9:00"}, "at: live posts come at once"),
        ({"min_outlets": 11}, "min_outlets: write a whole number from 1 to 10"),
        ({"mention_for": "deals"}, "mention_for: name the role as well"),
        ({"mention": "r1", "mention_for": "none"}, "mention_for: leave mention out"),
        ({"mention": "g1"}, "mention: posts do not call everybody"),
        ({"companies": "Fairphone"}, 'companies: I don\'t know "Fairphone"'),
    ],
)
async def test_what_cannot_be_is_refused_and_not_stored(
    store: SqlStore, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputInvalid) as refusal:
        await subscribe(make_call(store, **values))

    assert str(refusal.value).startswith(message)
    assert await store.find_subscriptions() == ()


async def test_a_time_of_day_alone_makes_posts_daily(store: SqlStore) -> None:
    await subscribe(make_call(store, at="8am"))

    (made,) = await store.find_subscriptions()
    assert (made.rhythm, made.at) == (Rhythm.DAILY, time(8))


async def test_of_an_hourly_post_a_bare_number_is_the_minute(store: SqlStore) -> None:
    await subscribe(make_call(store, mode="hourly", at="15"))
    with pytest.raises(InputInvalid, match=r"^at: .*Write a minute from 0 to 59"):
        await change_settings(make_call(store, at="75"))

    (made,) = await store.find_subscriptions()
    assert (made.rhythm, made.at) == (Rhythm.HOURLY, time(0, 15))


async def test_none_clears_the_time_of_live_posts_and_the_rest_is_changed(store: SqlStore) -> None:
    await subscribe(make_call(store, mode="daily", at="8am"))
    await change_settings(make_call(store, mode="live", at="none", min_outlets=2))
    await change_settings(make_call(store, at="none", min_outlets=3))

    (made,) = await store.find_subscriptions()
    assert (made.rhythm, made.at, made.min_outlets) == (Rhythm.LIVE, DIGEST_AT, 3)


async def test_companies_watched_here_can_be_asked_for(store: SqlStore) -> None:
    await store.save_watch(Watch("Fairphone", platform=HERE.platform, workspace="g1"), now=NOW)

    await subscribe(make_call(store, companies="fairphone"))

    (made,) = await store.find_subscriptions()
    assert made.companies == ("fairphone",)


async def test_a_thread_is_subscribed_where_the_command_was_typed(store: SqlStore) -> None:
    thread = replace(HERE, thread="t1")
    await subscribe(make_call(store, place=thread))

    (made,) = await store.find_subscriptions()
    assert made.destination == thread
    await unsubscribe(make_call(store, channel="t1"))
    assert await store.find_subscriptions() == ()


async def test_a_thread_is_named_with_its_channel_before_it(store: SqlStore) -> None:
    await subscribe(make_call(store, channel="c2/t2"))

    (made,) = await store.find_subscriptions()
    assert made.destination == replace(HERE, channel="c2", thread="t2")
    await unsubscribe(make_call(store, channel="c2/t2"))
    assert await store.find_subscriptions() == ()


async def test_in_a_conversation_alone_there_are_no_channels(store: SqlStore) -> None:
    with pytest.raises(InputInvalid, match="for the channels of a server"):
        await subscribe(make_call(store, is_direct=True))


async def test_unsubscribing_ends_it_here_and_nowhere_else(store: SqlStore) -> None:
    await save(store)
    other = await save(store, destination=ELSEWHERE)

    answer = await unsubscribe(make_call(store))

    assert await store.find_subscriptions() == (other,)
    assert say(answer).startswith("Unsubscribed\n<#c1> gets no more news.")
    with pytest.raises(InputInvalid, match="No news is posted in that channel"):
        await unsubscribe(make_call(store))


async def test_the_list_is_of_this_server_and_says_what_holds_posts_back(store: SqlStore) -> None:
    await save(store, parked="Give me “Send Messages” there.")
    await save(
        store,
        destination=replace(HERE, channel="c2"),
        paused_until=NOW + timedelta(hours=2),
        mutes=(Mute(MuteKind.COMPANY, "zte"), Mute(MuteKind.STORY, "old", NOW)),
    )
    await save(store, destination=ELSEWHERE)

    answer = await list_subscriptions(make_call(store, may=frozenset()))

    assert say(answer) == (
        "Channels of this server that get news: 2\n"
        "<#c1>: Every story about handset makers or carriers, at once.\n"
        "Stopped: Give me “Send Messages” there.\n"
        "When that is mended, /alerts resume.\n"
        "<#c2>: Every story about handset makers or carriers, at once.\n"
        "Paused until 2018-01-09 10:30.\n"
        "1 mute; /alerts list, typed there, shows it.\n"
        "> /alerts settings changes it"
    )


async def test_a_server_without_subscriptions_learns_how_to_start(store: SqlStore) -> None:
    assert say(await list_subscriptions(make_call(store))) == (
        "No channel of this server gets news yet\n> /alerts subscribe has news posted in a channel"
    )


async def test_settings_without_an_option_show_everything(store: SqlStore) -> None:
    await save(store, ping=Ping("r1"), mutes=(Mute(MuteKind.PAIR, "huawei+att"),))

    said = say(await change_settings(make_call(store)))

    assert "Companies: all" in said
    assert "Mention: <@r1> for every post" in said
    assert "Muted: Huawei × AT&T, for good." in said


async def test_settings_change_what_is_named_and_none_clears(store: SqlStore) -> None:
    before = await save(
        store,
        events=(Event.DEAL,),
        companies=("huawei",),
        ping=Ping("r1"),
        quiet=QuietHours(time(22), time(7)),
        min_outlets=4,
    )

    answer = await change_settings(
        make_call(store, events="none", quiet_hours="none", mention_for="none")
    )

    after = replace(before, events=(), quiet=None, ping=None)
    assert await store.find_subscriptions() == (after,)
    assert "Mention: <@r1> for every post → nobody" in say(answer)
    assert say(await change_settings(make_call(store, events="all"))).startswith("As it was\n")


async def test_settings_need_a_subscription(store: SqlStore) -> None:
    with pytest.raises(InputInvalid, match="No news is posted in that channel"):
        await change_settings(make_call(store, scope="any"))


async def test_settings_do_not_resume_what_is_parked_or_paused(store: SqlStore) -> None:
    before = await save(store, parked="No such channel.", paused_until=FOREVER)

    await change_settings(make_call(store, scope="pair"))

    assert await store.find_subscriptions() == (replace(before, scope=Scope.PAIR),)


async def test_subscribing_again_wakes_a_channel_that_refused_posts(store: SqlStore) -> None:
    before = await save(store)
    await commit_stories(store, story(), owed=(delivery(destination=HERE),))
    await store.park(HERE, reason="No access.")

    said = say(await subscribe(make_call(store, now=NOW + timedelta(hours=1))))

    assert await store.find_subscriptions() == (before,)
    assert "1 story that waited comes now." in said
    (owed,) = await store.lease_deliveries(
        NOW + timedelta(hours=1), limit=9, lease=timedelta(minutes=1)
    )
    assert owed.story.id == "s1"


async def test_a_pause_holds_back_what_is_owed_until_it_ends(store: SqlStore) -> None:
    await save(store)
    await commit_stories(store, story(), owed=(delivery(destination=HERE),))

    answer = await pause(make_call(store, for_="2h"))

    until = NOW + timedelta(hours=2)
    assert say(answer).startswith("Paused\n<#c1> gets no posts until 2018-01-09 10:30.\n")
    assert await store.next_attempt_at() == until
    (made,) = await store.find_subscriptions()
    assert made.paused_until == until


async def test_a_pause_ends_when_the_clocks_of_the_channel_say_so(store: SqlStore) -> None:
    await save(store, time_zone="Asia/Shanghai")

    await pause(make_call(store, for_="until 9:00"))

    (made,) = await store.find_subscriptions()
    assert made.paused_until == datetime(2018, 1, 10, 1, tzinfo=UTC)


async def test_a_pause_without_an_end_is_ended_by_resume(store: SqlStore) -> None:
    before = await save(store)
    owed = (delivery("s1", HERE), delivery("s2", HERE))
    await commit_stories(store, story("s1"), story("s2"), owed=owed)

    assert "<#c1> gets no posts until /alerts resume." in say(await pause(make_call(store)))
    (paused,) = await store.find_subscriptions()
    assert paused.paused_until == FOREVER
    later = NOW + timedelta(days=3)
    answer = await resume(make_call(store, now=later))

    assert await store.find_subscriptions() == (before,)
    assert await store.next_attempt_at() == later
    assert say(answer) == (
        "Resumed\n<#c1> gets its posts again.\n2 stories that waited come as one post now."
    )


async def test_resume_asks_the_platform_first(store: SqlStore) -> None:
    before = await save(store, parked="No access.")

    answer = await resume(make_call(store, office=at_desk(GRAVE)))

    assert answer.tone is Tone.REFUSED
    assert GRAVE.text in say(answer)
    assert await store.find_subscriptions() == (before,)
    assert (await resume(make_call(store, office=at_desk()))).title == "Resumed"
    assert await store.find_subscriptions() == (replace(before, parked=""),)


async def test_resuming_what_runs_says_so(store: SqlStore) -> None:
    await save(store)

    assert say(await resume(make_call(store))) == (
        "As it was\n<#c1> was neither paused nor stopped."
    )


async def test_a_preview_shows_what_would_have_come(store: SqlStore) -> None:
    await commit_month(store)
    await save(store, scope=Scope.MAKERS)

    assert say(await preview(make_call(store))) == (
        "16 stories in the last 30 days\n"
        "<#c1>: Every story that names a handset maker, at once.\n"
        "chart of 31: 16 stories a day\n"
        "0.5 a day: 16 stories, 1 pair.\n"
        "- Day 1\n- Day 2\n- Day 3\n- Day 5\n- Day 7\n"
        "+11"
    )


async def test_a_preview_tries_other_filters_and_changes_nothing(store: SqlStore) -> None:
    await commit_month(store)
    before = await save(store, scope=Scope.MAKERS)

    said = say(await preview(make_call(store, events="bans")))

    assert said.startswith("1 story in the last 30 days\n")
    assert "> /alerts settings with the same options makes it so" in said
    assert await store.find_subscriptions() == (before,)


async def test_a_preview_needs_no_subscription(store: SqlStore) -> None:
    await commit_month(store)

    said = say(await preview(make_call(store, channel="c9", companies="zte")))

    assert "Nothing would have come. Other filters would bring more." in said
    assert "> /alerts subscribe has them posted from now on" in said
    assert await store.find_subscriptions() == ()


async def test_stories_that_only_others_watch_are_not_counted(store: SqlStore) -> None:
    watch = Watch("Fairphone", platform=Platform.DISCORD, workspace="g2")
    await store.save_watch(watch, now=NOW)
    own = story(others=("fairphone",), watched=("fairphone",), is_relevant=False)
    await commit_stories(store, own)

    here = await preview(make_call(store))
    there = await preview(make_call(store, place=ELSEWHERE))

    assert here.title == "0 stories in the last 30 days"
    assert there.title == "1 story in the last day"


async def test_a_channel_that_somebody_may_not_know_of_is_neither_shown_nor_counted(
    store: SqlStore,
) -> None:
    hidden = replace(HERE, channel="hidden")
    for place in (HERE, hidden):
        await store.subscribe(Subscription(place), now=NOW)

    async def sees(place: Destination) -> bool:
        return place != hidden

    said = say(await list_subscriptions(replace(make_call(store), sees=sees)))
    assert "that get news: 1" in said
    assert "not in" not in said
    assert "hidden" not in said
    await store.unsubscribe(HERE)
    told = await list_subscriptions(replace(make_call(store), sees=sees))
    await store.unsubscribe(hidden)
    assert told == await list_subscriptions(replace(make_call(store), sees=sees))
    assert told.title == "No channel that you may see gets news yet"
    await store.subscribe(Subscription(hidden), now=NOW)
    assert "hidden" in say(await list_subscriptions(make_call(store)))


async def test_the_list_tells_each_mute_of_the_channel_where_it_is_typed(store: SqlStore) -> None:
    await save(store, mutes=(Mute(MuteKind.COMPANY, "zte"), Mute(MuteKind.PAIR, "huawei+att")))
    two = (Mute(MuteKind.COMPANY, "zte"), Mute(MuteKind.COMPANY, "honor"))
    await save(store, destination=replace(HERE, channel="c2"), mutes=two)

    said = say(await list_subscriptions(make_call(store)))

    assert "Muted: ZTE, for good.\nMuted: Huawei × AT&T, for good.\n" in said
    assert "2 mutes; /alerts list, typed there, shows them." in said
    assert "Honor" not in said


async def test_the_way_back_from_a_stop_is_told_once(store: SqlStore) -> None:
    await save(store, parked="the channel is archived; open it again, then use /alerts resume")

    said = say(await list_subscriptions(make_call(store)))

    assert said.count("/alerts resume") == 1


async def test_pausing_a_stopped_channel_tells_that_it_is_stopped(store: SqlStore) -> None:
    await save(store, parked="No access.")

    answer = await pause(make_call(store, for_="1h"))

    assert answer.tone is Tone.CAUTION
    assert "Stopped: No access.\nWhen that is mended, /alerts resume.\n" in say(answer)


async def test_a_chart_begins_where_something_is_known(store: SqlStore) -> None:
    await save(store, scope=Scope.PAIR)
    history = NOW - timedelta(days=9, hours=20)
    old = story("old", is_pair=False, is_history=True, published_at=history)
    await commit_stories(store, old, story("new"))

    said = say(await preview(make_call(store)))

    assert "chart of 2: 1 stories a day" in said
    assert "Feeds are read since 2018-01-09 08:30" in said
