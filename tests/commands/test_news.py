from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands.answer import Answer, Card, Stories, Tone
from bot.commands.command import Call
from bot.commands.plain import LATEST, answer_plain
from bot.commands.table import TABLE, find_command_or_none
from bot.commands.telling import tell_story
from bot.errors import InputInvalid
from bot.model import Destination, FeedOrigin, FeedSpec, Platform, Subscription
from bot.ports import PollOutcome
from bot.store import SqlStore, open_store
from tests.builders import NOW, story
from tests.commands.calls import HERE, make_call, say
from tests.commands.newsroom import BAN, DEAL, LINK, OLD, OWN, PHONE, fill
from tests.contract.polls import commit_stories

THERE = Destination(Platform.DISCORD, "g2", "c9")
ALONE = Destination(Platform.DISCORD, "", "dm")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        await fill(opened)
        yield opened


async def use(call: Call, verb: str) -> Answer:
    command = find_command_or_none("news", verb)
    assert command is not None
    return await command.run(call)


def listed(answer: Answer) -> list[str]:
    return [
        message.story_id
        for part in answer.parts
        if isinstance(part, Stories)
        for message in part.messages
    ]


async def test_recent_lists_the_last_week_newest_first_and_says_what_was_asked(
    store: SqlStore,
) -> None:
    answer = await use(make_call(store), "recent")

    assert listed(answer) == [DEAL, BAN, PHONE]
    assert answer.title == "Any watched company, in the last 7 days: 3 stories"
    assert answer.is_private


@pytest.mark.parametrize(
    ("values", "ids", "title"),
    [
        ({"company": "huawei"}, [DEAL, BAN], "Huawei, in the last 7 days: 2 stories"),
        ({"company": "华为", "since": "24h"}, [DEAL], "Huawei, in the last 24 hours: 1 story"),
        (
            {"company": "Huawei", "with": "AT&T"},
            [DEAL],
            "Huawei with AT&T, in the last 7 days: 1 story",
        ),
        ({"with": "xiaomi"}, [PHONE], "Xiaomi, in the last 7 days: 1 story"),
        (
            {"company": "Huawei, Xiaomi", "event": "bans, launches"},
            [BAN, PHONE],
            "Huawei or Xiaomi, ban or sanction / launch, in the last 7 days: 2 stories",
        ),
        ({"since": "30d"}, [DEAL, BAN, PHONE, OLD], "Any watched company, in the last 30 days: 4"),
        (
            {"since": "December"},
            [DEAL, BAN, PHONE, OLD],
            "Any watched company, since 1 December 2017",
        ),
        ({"since": "yesterday"}, [DEAL, BAN], "Any watched company, since 8 January: 2 stories"),
    ],
)
async def test_recent_takes_companies_events_and_times_as_people_write_them(
    store: SqlStore, values: dict[str, Any], ids: list[str], title: str
) -> None:
    answer = await use(make_call(store, **values), "recent")

    assert listed(answer) == ids
    assert answer.title.startswith(title)


async def test_recent_counts_what_it_does_not_list(store: SqlStore) -> None:
    answer = await use(make_call(store, limit=1), "recent")

    assert (listed(answer), answer.title[-9:]) == ([DEAL], "3 stories")
    assert [part.more for part in answer.parts if isinstance(part, Stories)] == [2]


async def test_where_nothing_is_found_the_answer_says_what_to_do(store: SqlStore) -> None:
    answer = await use(make_call(store, company="Huawei", with_="Verizon"), "recent")

    assert answer.title == "Huawei with Verizon, in the last 7 days: nothing"
    said = say(answer)
    assert "> /news recent company:Huawei with:Verizon since:30d looks back a month" in said
    assert "> /news recent company:Huawei asks for all about it" in said
    assert "> /watch add has a further company looked for" in said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"company": "Huawie"}, "Did you mean Huawei? /watch add"),
        ({"since": "lately"}, 'I can\'t read "lately" as a time'),
        ({"event": "weddings"}, "weddings"),
    ],
)
async def test_what_is_not_understood_is_said_in_words_of_a_chat(
    store: SqlStore, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputInvalid) as caught:
        await use(make_call(store, **values), "recent")

    assert said in str(caught.value)
    assert "newsbot " not in str(caught.value)


async def test_what_only_others_watch_is_not_shown(store: SqlStore) -> None:
    here, there = make_call(store), make_call(store, place=THERE)

    for verb in ("recent", "search"):
        values = {"words": "Quarzon"} if verb == "search" else {}
        mine = await use(replace(here, values=values), verb)
        theirs = await use(replace(there, values=values), verb)
        assert OWN not in listed(mine)
        assert OWN in listed(theirs)
    with pytest.raises(InputInvalid, match='No story has the id "abcdefghi6"; /news recent'):
        await tell_story(here, OWN)
    assert "Quarzon buys a factory" in say(await tell_story(there, OWN))
    why = await use(replace(here, values={"about": "Quarzon buys a factory"}), "why")
    assert why.title.startswith("Not on record")
    assert (await answer_plain(here, "Quarzon")).title.startswith("Any watched company")
    assert listed(await answer_plain(there, "anything on quarzon?")) == [OWN]


async def test_search_finds_stories_that_have_every_word(store: SqlStore) -> None:
    found = await use(make_call(store, words="foldable XIAOMI"), "search")
    of_report = await use(make_call(store, words="drops"), "search")
    none = await use(make_call(store, words="foldable Huawei"), "search")

    assert (listed(found), listed(of_report), listed(none)) == ([PHONE], [DEAL], [])
    assert found.title.startswith("Any watched company, saying “foldable” and “XIAOMI”")
    assert "> /news search foldable looks for one word only" in say(none)


async def test_search_without_a_word_asks_for_one(store: SqlStore) -> None:
    with pytest.raises(InputInvalid, match="Name a word of the headline"):
        await use(make_call(store, words="?!"), "search")


@pytest.mark.parametrize("said", [f"#{DEAL}", DEAL.upper(), LINK, "fails phones at&t"])
async def test_a_story_is_shown_with_every_report(store: SqlStore, said: str) -> None:
    answer = await use(make_call(store, story=said), "story")

    cards = [part.message.story_id for part in answer.parts if isinstance(part, Card)]
    assert cards == [DEAL]
    text = say(answer)
    assert "# Reports: 2" in text
    assert f"[Example Wire]({LINK}), 2018-01-09 08:30" in text
    assert ": AT&T drops Huawei phones" in text
    assert f"> /news why #{DEAL} says why it was posted" in text


async def test_several_stories_that_fit_are_listed_to_choose_from(store: SqlStore) -> None:
    answer = await use(make_call(store, story="huawei"), "story")

    assert set(listed(answer)) == {DEAL, BAN}
    assert answer.title == "2 stories fit “huawei”: which one?"


async def test_a_story_that_is_not_there_is_refused_with_advice(store: SqlStore) -> None:
    answer = await use(make_call(store, story="penguins"), "story")

    assert answer.tone is Tone.REFUSED
    assert "> /news recent lists stories with their ids" in say(answer)


async def test_why_tells_the_reasons_of_each_report_without_the_places_of_letters(
    store: SqlStore,
) -> None:
    answer = await use(make_call(store, about=f"#{DEAL}"), "why")

    text = say(answer)
    assert answer.title == "Why I flagged “Huawei fails to get AT&T to sell its phones”"
    assert "Huawei in the title: maker; about AT&T drops Huawei phones" in text
    assert "joined: both" in text
    assert "character" not in text


async def test_why_of_what_was_passed_over_says_so(store: SqlStore) -> None:
    answer = await use(make_call(store, about="Xiaomi car"), "why")

    assert answer.title == "Read and not flagged: “Xiaomi car”"
    assert "[Xiaomi car at the coast](https://wire.example/car)" in say(answer)


async def test_why_of_a_headline_that_never_came_judges_it(store: SqlStore) -> None:
    answer = await use(make_call(store, about="Xiaomi sues Verizon over phones"), "why")

    text = say(answer)
    assert answer.title.startswith("Not on record")
    assert "# Flagged: Xiaomi, Verizon" in text


async def test_why_without_a_question_says_what_can_be_asked(store: SqlStore) -> None:
    with pytest.raises(InputInvalid, match="/news recent lists stories with their ids"):
        await use(make_call(store, about="  "), "why")


async def test_status_says_in_words_how_the_bot_is_doing(store: SqlStore) -> None:
    await store.record_beat(NOW)
    await store.subscribe(Subscription(HERE), now=NOW)

    answer = await use(make_call(store), "status")
    elsewhere = await use(make_call(store, place=THERE), "status")

    assert (answer.title, answer.tone) == ("All is well", Tone.PLAIN)
    text = say(answer)
    assert "Feeds: 1 read\n" in text
    assert "Stories in the last 24 hours: 1\n" in text
    assert "Channels with posts here: 1\n" in text
    assert "Waiting to be posted: nothing" in text
    assert "Channels with posts here: none; /alerts subscribe" in say(elsewhere)


async def test_status_alone_with_the_bot_speaks_of_no_channels(store: SqlStore) -> None:
    answer = await use(make_call(store, place=ALONE, is_direct=True), "status")

    assert "hannels" not in say(answer)


async def test_status_says_what_is_wrong(store: SqlStore) -> None:
    silent = await use(make_call(store), "status")
    await store.record_beat(NOW)
    (feed,) = await store.find_feeds()
    await store.commit_poll(PollOutcome(replace(feed, failures=2, error="gone"), NOW))
    failing = await use(make_call(store), "status")
    late = await use(make_call(store, now=NOW + timedelta(hours=1)), "status")

    assert silent.title.startswith("The bot has stopped looking at feeds")
    assert failing.title == "1 of 1 feeds cannot be read just now"
    assert "Feeds: 1 read, 1 of them failing just now" in say(failing)
    assert late.title.startswith("The bot has stopped looking at feeds")
    assert {silent.tone, failing.tone, late.tone} == {Tone.CAUTION}


async def test_status_is_never_well_where_a_line_of_it_says_otherwise(store: SqlStore) -> None:
    await store.record_beat(NOW)
    for number in range(9):
        await store.add_feed(
            FeedSpec(f"https://more.example/{number}"), origin=FeedOrigin.ADDED, now=NOW
        )
    for feed in (await store.find_feeds())[:5]:
        await store.commit_poll(PollOutcome(replace(feed, failures=1, error="gone"), NOW))
    failing = await use(make_call(store), "status")
    await store.subscribe(Subscription(HERE, parked="no right to post"), now=NOW)
    parked = await use(make_call(store), "status")
    elsewhere = await use(make_call(store, place=THERE), "status")

    assert failing.title == "5 of 10 feeds cannot be read just now"
    assert parked.title == "1 channel here gets no posts, stopped by a problem"
    assert elsewhere.title == failing.title
    assert {failing.tone, parked.tone} == {Tone.CAUTION}


async def test_help_names_every_command_of_the_table(store: SqlStore) -> None:
    text = say(await use(make_call(store), "help"))

    assert [c for c in TABLE if f"> /{c.noun} {c.verb} {c.help.en}" not in text] == []
    assert "# Where to start\n> /alerts subscribe" in text
    assert "# Choose what is read (managers of the server)" in text


@pytest.mark.parametrize(
    ("text", "ids", "title"),
    [
        (
            "anything on Huawei and AT&T this week?",
            [DEAL],
            "Huawei with AT&T, since 2 January: 1 story",
        ),
        ("最近小米的消息", [PHONE], "Xiaomi, in the last 7 days: 1 story"),
        ("bans", [BAN], "Any watched company, ban or sanction, in the last 7 days: 1 story"),
        ("latest?", [DEAL, BAN, PHONE], "Any watched company, in the last 7 days: 3 stories"),
        ("foldables", [PHONE], "Any watched company, saying “foldable”, in the last 7 days"),
        ("ZTE", [OLD], "ZTE, in the last 30 days: 1 story"),
    ],
)
async def test_a_plain_question_is_answered_and_told_as_understood(
    store: SqlStore, text: str, ids: list[str], title: str
) -> None:
    answer = await answer_plain(make_call(store), text)

    assert listed(answer) == ids
    assert answer.title.startswith(title)


async def test_an_answer_from_further_back_says_so(store: SqlStore) -> None:
    assert "Nothing in the last 7 days; this is from before." in say(
        await answer_plain(make_call(store), "ZTE")
    )


async def test_how_far_back_a_search_looks_is_what_its_option_says(store: SqlStore) -> None:
    search = find_command_or_none("news", "search")
    assert search is not None
    (since,) = [option for option in search.options if option.name == "since"]

    answer = await use(make_call(store, words="penguins"), "search")

    assert "90d if not said" in since.help.en
    assert "90d" in since.help.zh
    assert "in the last 90 days" in answer.title


async def test_words_that_no_story_has_are_told_with_the_latest(store: SqlStore) -> None:
    unknown = say(await answer_plain(make_call(store), "anything on hauwei?"))
    beside = say(await answer_plain(make_call(store), "huawei penguins"))

    assert "No story says “hauwei”. Did you mean Huawei? These are the latest of all." in unknown
    assert "> /watch add hauwei has it looked for from now on" in unknown
    assert "No story says “penguins”. These are the latest without it." in beside
    assert beside.startswith("Huawei, in the last 7 days: 2 stories")


async def test_a_plain_cry_for_help_or_reasons_is_heard(store: SqlStore) -> None:
    help_ = await answer_plain(make_call(store), "help")
    why = await answer_plain(make_call(store), f"why was #{BAN} posted?")

    assert help_.title == "What I can do"
    assert len(say(help_).splitlines()) == 5
    assert "> /news help shows everything" in say(help_)
    assert not any(f"/{noun} " in say(help_) for noun in ("alerts", "watch", "feeds"))
    assert why.title == "Why I flagged “Huawei ban looms in Norway”"


@pytest.mark.parametrize("text", ["", "\x00", "%_", "'; --", "😀" * 300, "a" * 5000, "why ?"])
async def test_whatever_is_said_has_an_answer(store: SqlStore, text: str) -> None:
    assert (await answer_plain(make_call(store), text)).title


async def test_of_what_nobody_asked_for_five_stories_are_shown_at_most(store: SqlStore) -> None:
    await commit_stories(store, *(story(f"more{number}") for number in range(9)))

    answer = await answer_plain(make_call(store), "penguins")

    assert len(listed(answer)) == LATEST
    assert "These are the latest of all." in say(answer)


@pytest.mark.parametrize("words", ["mate10", "Mate10", "mate 10"])
async def test_a_name_and_its_number_are_found_apart_and_joined(
    store: SqlStore, words: str
) -> None:
    await commit_stories(store, story("mate", headline="Huawei shows the Mate 10 Pro"))

    assert listed(await use(make_call(store, words=words), "search")) == ["mate"]


async def test_the_reasons_of_a_story_without_a_headline_have_a_title(store: SqlStore) -> None:
    await commit_stories(store, story("abcdefghi7", headline=""))

    answer = await use(make_call(store, about="#abcdefghi7"), "why")

    assert answer.title == "Why I flagged this story"


async def test_since_monday_asked_on_a_monday_is_a_week_and_says_its_date(store: SqlStore) -> None:
    monday = NOW + timedelta(days=6)  # NOW is a Tuesday

    answer = await use(make_call(store, since="Monday", now=monday), "recent")

    assert ", since 8 January: " in answer.title


async def test_help_names_no_number_of_feeds(store: SqlStore) -> None:
    help_ = say(await use(make_call(store), "help"))

    assert "I read news feeds for stories" in help_
    assert "hundreds" not in help_
