"""Which story a report belongs to, and what becomes of the story."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model import Event, Match, Story
from bot.stories import (
    Report,
    edit_story,
    find_story,
    join_story,
    make_words,
    open_story,
)
from tests.builders import NOW, entry, match

HUAWEI = "Huawei fails to get AT&T to sell its phones"


def report(
    title: str = HUAWEI,
    summary: str = "",
    *,
    outlet: str = "Example Wire",
    after: timedelta = timedelta(0),
    verdict: Match | None = None,
    **changes: Any,
) -> Report:
    """A report as it arrives ``after`` the morning of the story."""
    told = entry(title, summary=summary, published_at=NOW + after)
    made = Report(
        entry=told,
        match=verdict or match(),
        outlet=outlet,
        feed_id=1,
        seen_at=NOW + after,
        published_at=NOW + after,
        words=make_words(title, summary),
    )
    return replace(made, **changes)


def opened(first: Report | None = None, *, is_history: bool = False) -> Story:
    return open_story(first or report(), summary="It fell through.", is_history=is_history)


def only(*makers: str, carriers: tuple[str, ...] = (), **changes: Any) -> Match:
    changes = {"is_pair": False, "event": Event.LAUNCH, **changes}
    return match(makers=makers, carriers=carriers, **changes)


def joins(first: Report, second: Report) -> bool:
    return find_story(second, (opened(first),)) is not None


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


# Finding


def test_another_outlets_words_for_the_same_event_join() -> None:
    later = report("AT&T drops plan to sell Huawei phones", outlet="Meridian", after=HOUR)

    joined = find_story(later, (opened(),))

    assert joined is not None
    assert joined.story.id == opened().id
    assert joined.reason.startswith("Meridian joined “Huawei fails")
    assert "sell" in joined.reason
    assert joined.reason.endswith("1 h apart")
    assert "\n" not in joined.reason


def test_without_candidates_a_report_opens_a_story() -> None:
    assert find_story(report(), ()) is None


def test_another_event_of_the_same_company_stays_apart() -> None:
    unlike = report("Huawei opens research centre in Hungary", verdict=only("huawei"))

    assert find_story(unlike, (opened(),)) is None


def test_the_same_words_about_another_company_stay_apart() -> None:
    first = report("Regulator fines Verizon over robocalls", verdict=only(carriers=("verizon",)))
    second = report("Regulator fines Sprint over robocall plan", verdict=only(carriers=("sprint",)))

    assert not joins(first, second)


def test_the_most_alike_story_wins() -> None:
    wanted = opened(report("T-Mobile breach exposes 37 million accounts", verdict=BREACHED))
    other = opened(report("T-Mobile breach payout date is set", verdict=BREACHED, feed_id=2))
    later = report("Hacker took data of 37 million T-Mobile accounts in breach", verdict=BREACHED)

    joined = find_story(later, (other, wanted))

    assert joined is not None
    assert joined.story is wanted


BREACHED = only(carriers=("tmobile",), event=Event.SECURITY)


def test_common_words_alone_join_nothing() -> None:
    first = report("Huawei launches new phone in China", verdict=only("huawei"))
    second = report("Huawei launches big tablet in China", verdict=only("huawei"))

    assert not joins(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("OnePlus 11 renders leak in green colour", "OnePlus 11R renders leak in green colour too"),
        ("OnePlus 11 Pro cancelled, tipster claims", "OnePlus 11 cancelled, tipster claims again"),
        ("Redmi Note 12 gets a price cut in Spain", "Redmi Note 13 gets a price cut in Spain now"),
    ],
)
def test_other_models_forbid_a_join(first: str, second: str) -> None:
    verdict = only("oneplus")

    assert not joins(report(first, verdict=verdict), report(second, verdict=verdict))


def test_the_same_model_is_no_obstacle() -> None:
    verdict = only("oneplus")
    first = report("OnePlus 11R renders leak in green colour", verdict=verdict)
    second = report("Green OnePlus 11R shown in leaked renders", verdict=verdict)

    assert joins(first, second)


@pytest.mark.parametrize(
    ("sum_", "expected"),
    [("$60 million", True), ("$61.5M", True), ("$350 million", False), ("a sum", True)],
)
def test_another_sum_forbids_a_join_and_a_rounded_one_does_not(sum_: str, expected: bool) -> None:
    verdict = only(carriers=("att",))
    first = report("AT&T settles throttling suit for $60 million", verdict=verdict)
    second = report(f"AT&T settles FTC throttling suit for {sum_}", verdict=verdict)

    assert joins(first, second) is expected


def test_figures_of_another_kind_are_no_contradiction() -> None:
    first = report("T-Mobile breach exposes 37 million accounts", verdict=BREACHED)
    second = report("T-Mobile breach of accounts to cost $350 million", verdict=BREACHED)

    assert joins(first, second)


def test_a_deal_and_its_end_are_held_against_each_other() -> None:
    first = report("AT&T will sell Huawei phones this spring", verdict=match(event=Event.DEAL))
    agreeing = report("AT&T sells phones of Huawei soon", verdict=match(event=Event.DEAL))
    turning = report("AT&T sells phones of Huawei no more", verdict=match(event=Event.DEAL_OFF))

    assert likeness(first, turning) < likeness(first, agreeing)


def likeness(first: Report, second: Report) -> float:
    joined = find_story(second, (opened(first),))
    return float(joined.reason.split("likeness ")[1].split(",")[0]) if joined else 0.0


def test_age_counts_against_a_join_and_the_window_ends_it() -> None:
    first = report("Huawei faces subsidy inquiry in Brussels", verdict=only("huawei"))

    def later(after: timedelta) -> Report:
        title = "Brussels opens subsidy inquiry into Huawei"
        return report(title, verdict=only("huawei"), after=after)

    assert likeness(first, later(DAY)) < likeness(first, later(HOUR))
    assert joins(first, later(4 * DAY))
    assert not joins(first, later(5 * DAY + HOUR))


def test_a_story_that_is_still_reported_stays_open() -> None:
    story = opened()
    for day in (2, 4, 6):
        told = report(outlet=f"Outlet {day}", after=day * DAY, feed_id=day)
        joined = find_story(told, (story,))
        assert joined is not None
        story = join_story(joined.story, told, reason=joined.reason)

    assert len(story.coverage) == 4


def test_a_copied_title_joins_whatever_the_summary_says() -> None:
    first = report("The OnePlus 11 had my curiosity, now my attention", "Long review.")
    copy = report("The OnePlus 11 Had My Curiosity, Now My Attention", "", outlet="Basket")

    assert joins(first, copy)


@pytest.mark.parametrize(
    ("chinese", "expected"),
    [
        ("T-Mobile数据泄露影响3700万用户", True),
        ("T-Mobile数据泄露影响用户", False),
        ("T-Mobile数据泄露影响1200万用户", False),
    ],
)
def test_chinese_and_english_join_by_company_and_figure(chinese: str, expected: bool) -> None:
    first = report("T-Mobile breach exposes 37 million accounts", verdict=BREACHED)

    assert joins(first, report(chinese, verdict=BREACHED, after=HOUR, lang="zh")) is expected


def test_chinese_and_english_join_by_pair_and_event_only_when_near_in_time() -> None:
    title = "华为与AT&T谈判破裂"

    assert joins(report(), report(title, after=HOUR, lang="zh"))
    assert not joins(report(), report(title, after=2 * DAY, lang="zh"))
    assert not joins(report(), report(title, lang="zh", verdict=match(event=Event.LAUNCH)))
    assert not joins(report(), report(title, lang="zh", verdict=match(carriers=("verizon",))))


# Opening


def test_a_new_story_is_its_first_report() -> None:
    first = report()

    story = open_story(first, summary="It fell through.", is_history=True)

    assert (story.headline, story.outlet, story.link) == (HUAWEI, "Example Wire", first.entry.link)
    assert (story.summary, story.is_history, story.revision) == ("It fell through.", True, 1)
    assert (story.makers, story.carriers, story.is_pair) == (("huawei",), ("att",), True)
    assert [told.outlet for told in story.coverage] == ["Example Wire"]
    assert story.words == first.words


def test_a_storys_id_is_short_and_follows_from_the_entry() -> None:
    assert opened().id == opened(report(after=DAY)).id
    assert opened().id != opened(report(feed_id=2)).id
    assert opened().id != opened(report("Another title")).id
    assert len(opened().id) == 10
    assert opened().id.isalnum()


# Joining


def test_a_new_outlet_is_covered_and_raises_the_revision() -> None:
    later = report("AT&T drops Huawei", outlet="Meridian", after=HOUR, feed_id=2)

    story = join_story(opened(), later, reason="because")

    assert [told.outlet for told in story.also_covered_by] == ["Meridian"]
    assert (story.revision, story.updated_at) == (2, NOW + HOUR)
    assert story.reasons == ("because",)
    assert (story.headline, story.outlet) == (HUAWEI, "Example Wire")


def test_the_same_entry_twice_changes_nothing() -> None:
    story = join_story(opened(), report("AT&T drops Huawei", outlet="M", feed_id=2), reason="r")

    again = report("AT&T drops Huawei", outlet="M", feed_id=2, after=DAY)

    assert join_story(story, again, reason="r again") is story
    assert join_story(story, report(after=DAY), reason="opened it") is story


def test_an_outlet_is_listed_once_and_its_second_report_shows_nothing_new() -> None:
    second = report("Huawei and AT&T: what went wrong", after=HOUR)

    story = join_story(opened(), second, reason="alike")

    assert len(story.coverage) == 1
    assert (story.revision, story.reasons) == (1, ())
    assert story.updated_at == NOW + HOUR
    assert "wrong" in story.words
    assert join_story(story, second, reason="alike") == story


def test_new_companies_and_a_first_pair_raise_the_revision() -> None:
    story = opened(report(verdict=only("huawei")))

    paired = join_story(story, report("Other", after=HOUR), reason="names AT&T")

    assert (paired.carriers, paired.is_pair, paired.revision) == (("att",), True, 2)
    assert paired.reasons == ("names AT&T",)


def test_companies_are_united_in_order_of_appearance() -> None:
    story = join_story(
        opened(),
        report("Other", outlet="M", verdict=only("xiaomi", "huawei", carriers=("verizon",))),
        reason="r",
    )

    assert story.makers == ("huawei", "xiaomi")
    assert story.carriers == ("att", "verizon")
    assert story.is_pair


def test_an_event_that_was_unclear_becomes_clear_once() -> None:
    story = opened(report(verdict=only("huawei", event=Event.OTHER)))
    story = join_story(story, report("B", outlet="B", verdict=only("huawei")), reason="")
    assert story.event is Event.LAUNCH

    story = join_story(story, report("C", outlet="C", verdict=match()), reason="")
    assert story.event is Event.LAUNCH


def test_a_live_report_makes_history_live_and_not_the_reverse() -> None:
    history = opened(is_history=True)
    live = report("B", outlet="B")

    assert not join_story(history, live, reason="").is_history
    assert join_story(history, live, reason="", is_history=True).is_history
    assert not join_story(opened(), live, reason="", is_history=True).is_history


def test_words_that_more_titles_have_come_first() -> None:
    story = opened(report("Alpha beta gamma phones"))

    story = join_story(story, report("Gamma delta", outlet="B"), reason="")

    assert story.words[0] == "gamma"
    assert set(story.words) == {"alpha", "beta", "gamma", "phon", "delta"}


# Editing


def test_the_speaking_entrys_edit_is_shown() -> None:
    edited = report(after=HOUR)
    edited = replace(edited, entry=replace(edited.entry, title="Huawei and AT&T part ways"))

    story = edit_story(opened(), edited, summary="They part.")

    assert (story.headline, story.summary) == ("Huawei and AT&T part ways", "They part.")
    assert (story.revision, story.updated_at) == (2, NOW + HOUR)
    assert story.coverage[0].title == "Huawei and AT&T part ways"
    assert story.reasons == ("Example Wire edited its report",)


def test_an_edit_that_shows_nothing_new_keeps_the_revision() -> None:
    assert edit_story(opened(), report(after=HOUR), summary="It fell through.").revision == 1


def test_another_outlets_edit_changes_its_line_alone() -> None:
    second = report("AT&T drops Huawei", outlet="M", feed_id=2)
    story = join_story(opened(), second, reason="")
    edited = replace(second, entry=replace(second.entry, link="https://m.example/2"))

    changed = edit_story(story, edited, summary="Not mine to say.")

    assert (changed.headline, changed.summary) == (HUAWEI, "It fell through.")
    assert changed.also_covered_by[0].link == "https://m.example/2"
    assert changed.revision == story.revision + 1


def test_an_edit_of_an_entry_outside_the_story_changes_nothing() -> None:
    story = opened()

    assert edit_story(story, report("Elsewhere"), summary="x") is story
