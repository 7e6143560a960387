from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.catalogue import load_catalogue
from bot.commands.why import MAX_ENTRIES, MAX_FOUND, Why, find_why
from bot.errors import InputInvalid
from bot.matching import Matcher
from bot.matching.watches import company_of
from bot.model import Match, Platform, Watch
from bot.ports import NewEntry
from bot.store import SqlStore, open_store
from tests.builders import NOW, entry, story
from tests.conftest import ROOT
from tests.contract.polls import add_feed, edited, find_known, new_entry, outcome

CATALOGUE = load_catalogue(ROOT / "config")
MATCHER = Matcher(CATALOGUE)
DEAL, BAN = "abcdefghi2", "abcdefghi3"
LINK = "https://wire.example/deal"


def told(title: str, story_id: str = "", **changes: str) -> NewEntry:
    """An entry in a story, or a known one that is none of ours."""
    return new_entry(title, entry=changes, story_id=story_id, reasons=(f"about {title}",))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        feed = await add_feed(opened)
        opener = told("Huawei fails to get AT&T to sell its phones", DEAL, link=LINK)
        joiner = replace(told("AT&T drops Huawei phones", DEAL), filed="joined: both say phones")
        deal = story(DEAL, reasons=(*opener.reasons, joiner.filed, "Wire edited its report"))
        ban = story(BAN, headline="Huawei ban", published_at=NOW - timedelta(days=1), reasons=())
        passed = [
            told("Xiaomi car at the coast", link=f"{LINK}-car"),
            new_entry("Rain over the bay"),
        ]
        new = (opener, joiner, told("Huawei ban looms in Norway", BAN), *passed)
        await opened.commit_poll(outcome(feed, *new, stories=(deal, ban)))
        yield opened


async def ask(store: SqlStore, asked: str) -> Why:
    return await find_why(store, MATCHER, asked=asked)


@pytest.mark.parametrize(
    "asked",
    [
        DEAL,
        f" #{DEAL.upper()} ",
        LINK,
        "<http://wire.example/deal?utm_source=x>",
        "huawei fails to get AT&T",
        "phones, drops!",
    ],
)
async def test_a_story_is_told_with_the_reasons_of_each_entry(store: SqlStore, asked: str) -> None:
    answer = await ask(store, asked)

    assert answer.is_found
    assert answer.story is not None
    assert answer.story.message.story_id == DEAL
    assert answer.story.message.makers == ("Huawei",)
    assert [(e.reasons, e.filed) for e in answer.story.entries] == [
        (("about Huawei fails to get AT&T to sell its phones",), ""),
        (("about AT&T drops Huawei phones",), "joined: both say phones"),
    ]
    assert not answer.story.has_more
    assert answer.story.history == ("Wire edited its report",)


async def test_after_an_edit_the_story_still_says_why_it_was_flagged(store: SqlStore) -> None:
    feed = (await store.find_feeds())[0]
    title = "Huawei fails to get AT&T to sell its phones"
    (known,) = await find_known(store, feed, title)
    change = replace(edited(known, "It is off"), reasons=("nothing named",))
    await store.commit_poll(outcome(feed, edited=(change,)))

    answer = await ask(store, DEAL)

    assert answer.story is not None
    assert answer.story.entries[0].reasons == ("nothing named",)
    assert answer.story.history == (f"about {title}", "Wire edited its report")


async def test_where_several_stories_fit_they_are_listed(store: SqlStore) -> None:
    answer = await ask(store, "HUAWEI")

    assert answer.is_found
    assert [message.story_id for message in answer.several] == [DEAL, BAN]
    assert (answer.story, answer.passed_over, answer.judged) == (None, (), None)


@pytest.mark.parametrize("asked", ["coast xiaomi", f"{LINK}-car", "xiaomi CAR"])
async def test_an_entry_that_was_not_flagged_says_why_not(store: SqlStore, asked: str) -> None:
    answer = await ask(store, asked)

    assert [e.reasons for e in answer.passed_over] == [("about Xiaomi car at the coast",)]
    assert (answer.is_found, answer.story, answer.judged) == (True, None, None)


async def test_a_headline_that_was_never_seen_is_judged_now(store: SqlStore) -> None:
    answer = await ask(store, "Oppo  phones come\nto Verizon")

    assert answer.judged == MATCHER.match("Oppo phones come to Verizon")
    assert (answer.is_found, answer.asked) == (False, "Oppo phones come to Verizon")


@pytest.mark.parametrize("asked", ["#abcdefghi7", "https://wire.example/none", "https://["])
async def test_an_id_or_link_that_was_never_seen_is_no_headline(
    store: SqlStore, asked: str
) -> None:
    answer = await ask(store, asked)

    assert (answer.is_found, answer.judged) == (False, None)


async def test_a_word_of_ten_letters_is_no_id_unless_it_is_one(store: SqlStore) -> None:
    feed = (await store.find_feeds())[0]
    await store.commit_poll(outcome(feed, told("Everything folds")))

    answer = await ask(store, "everything")

    assert [e.title for e in answer.passed_over] == ["Everything folds"]


@pytest.mark.parametrize("asked", ["", " \n"])
async def test_nothing_asked_is_answered_with_advice(store: SqlStore, asked: str) -> None:
    with pytest.raises(InputInvalid, match="by its id"):
        await ask(store, asked)


@pytest.mark.parametrize("asked", ["!?", "%", "\ud83d", "word " * 5_000])
async def test_whatever_is_asked_gets_an_answer(store: SqlStore, asked: str) -> None:
    assert not (await ask(store, asked)).is_found


async def test_answers_are_bounded(store: SqlStore) -> None:
    feed = (await store.find_feeds())[0]
    ids = [f"story{number}" for number in range(MAX_FOUND + 5)]
    new = [told(f"Stacked {i}", i) for i in ids]
    new += [told(f"Report {n}", DEAL) for n in range(MAX_ENTRIES)]
    new += [told(f"Passed {n}") for n in range(MAX_FOUND + 5)]
    await store.commit_poll(outcome(feed, *new, stories=tuple(story(i) for i in ids)))

    whole, several, passed = (
        await ask(store, DEAL),
        await ask(store, "stacked"),
        await ask(store, "passed"),
    )

    assert whole.story is not None
    assert (len(whole.story.entries), whole.story.has_more) == (MAX_ENTRIES, True)
    assert len(several.several) == MAX_FOUND
    assert len(passed.passed_over) == MAX_FOUND
    assert entry("Passed 14").title == passed.passed_over[0].title


async def test_what_only_others_watch_is_kept_from_those_who_do_not(store: SqlStore) -> None:
    watch = Watch("Fairphone", platform=Platform.SLACK, workspace="T1")
    company = company_of(watch)
    await store.save_watch(watch, now=NOW)
    feed = (await store.find_feeds())[0]
    theirs = story(
        "theirs", makers=(), carriers=(), others=(company.id,), watched=(company.id,),
        is_pair=False, is_relevant=False,
    )  # fmt: skip
    shared = story("shared", others=(company.id,), reasons=())
    reasons = ("Huawei in the title", "Fairphone in the title")
    new = (
        told("Fairphone folds", "theirs"),
        replace(told("Huawei, AT&T and FAIRPHONE sue", "shared"), reasons=reasons),
    )
    await store.commit_poll(outcome(feed, *new, stories=(theirs, shared)))

    async def told_to(workspace: str, asked: str) -> Why:
        return await find_why(
            store, MATCHER, asked=asked, platform=Platform.SLACK, workspace=workspace
        )

    mine, other = await told_to("T1", "fairphone folds"), await told_to("T2", "fairphone folds")
    assert mine.story is not None
    assert mine.story.message.others == ("Fairphone",)
    assert (other.is_found, other.judged) == (False, Match())

    mine, other = await told_to("T1", "fairphone sue"), await told_to("T2", "fairphone sue")
    operator = await ask(store, "fairphone sue")
    for answer, names, lines in (
        (mine, ("Fairphone",), reasons),
        (other, (), reasons[:1]),
        (operator, ("Fairphone",), reasons),
    ):
        assert answer.story is not None
        assert answer.story.message.others == names
        assert answer.story.entries[0].reasons == lines


async def test_a_new_headline_is_judged_by_what_the_asker_watches(store: SqlStore) -> None:
    await store.save_watch(Watch("Fairphone"), now=NOW)

    operator = await ask(store, "Fairphone mends itself")
    other = await find_why(
        store, MATCHER, asked="Fairphone mends itself", platform=Platform.SLACK, workspace="T2"
    )

    assert operator.judged is not None
    assert operator.catalogue.name_of(operator.judged.others[0]) == "Fairphone"
    assert other.judged == Match()
