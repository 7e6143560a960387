"""Which story a report belongs to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Event
from bot.stories import Report, find_story, join_story, make_words
from bot.stories.similarity import COPY_WORDS
from tests.builders import entry, match
from tests.stories.reports import DAY, HOUR, joins, only, opened, report


def test_another_outlets_words_for_the_same_event_join() -> None:
    later = report(
        "AT&T drops its plan for phones that Huawei wanted it to sell",
        outlet="Meridian",
        after=HOUR,
    )

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
    later = report(
        "What the hacker behind the T-Mobile breach wants for 37 million accounts", verdict=BREACHED
    )

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
    first = report("A week with the OnePlus 15: long days, dull nights", "Long review.")
    copy = report("A Week With the OnePlus 15: Long Days, Dull Nights", "", outlet="Basket")

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


def test_the_same_article_under_another_headline_joins() -> None:
    link = "https://wire.example/2018/deal-falls-through/"
    first = report("Alpha", entry=entry("Alpha", link=link))
    again = report("Beta", entry=entry("Beta", link=f"{link}?utm_source=rss"), outlet="Meridian")

    joined = find_story(again, (opened(first),))

    assert joined is not None
    assert "the same address" in joined.reason


def test_the_reason_names_facts_and_words_and_minutes() -> None:
    later = report("AT&T will not sell Huawei phones", after=HOUR / 3)

    joined = find_story(later, (opened(),))

    assert joined is not None
    assert "both say deal off, sell, phones" in joined.reason
    assert joined.reason.endswith("20 min apart")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("OnePlus 11 is official", "The OnePlus 11 arrives, official at last", True),
        ("OnePlus shows a tablet of its own", "OnePlus shows a watch of its own", False),
        ("OnePlus Pad beside the OnePlus 11", "OnePlus 11R beside the OnePlus 11", False),
        ("Xiaomi 13 series goes global in Europe", "Xiaomi 13 Pro goes global in Europe", True),
    ],
)
def test_products_tell_launches_apart(first: str, second: str, expected: bool) -> None:
    verdict = only("oneplus")

    assert joins(report(first, verdict=verdict), report(second, verdict=verdict)) is expected


def test_an_answer_to_the_news_is_another_story() -> None:
    banned = only("huawei", event=Event.BAN)
    first = report("Commerce Department halts permits for Huawei", verdict=banned)

    assert joins(first, report("Permits for Huawei halted", verdict=banned))
    answer = "China condemns halt of permits for Huawei, shares fall"
    assert likeness(first, report(answer, verdict=banned)) < likeness(
        first, report("US halt of permits for Huawei", verdict=banned)
    )


def test_two_of_a_rare_kind_near_in_time_are_one_in_other_words() -> None:
    banned = only("huawei", event=Event.BAN)
    first = report("Commerce Department halts permits for vendors of Huawei", verdict=banned)
    second = "White House to shut Huawei out, say vendors"

    assert joins(first, report(second, verdict=banned, after=HOUR))
    assert not joins(first, report(second, verdict=banned, after=4 * DAY))


TITLES = st.sampled_from(
    [
        "Huawei fails to get AT&T to sell its phones",
        "AT&T walks away from Huawei",
        "Huawei Mate 10 launches",
        "Huawei P20 leaks",
        "Phones",
        "",
    ]
)


@given(st.lists(TITLES | st.text(max_size=80), max_size=6), TITLES, st.randoms())
def test_the_order_of_candidates_does_not_matter(
    titles: list[str], title: str, random: Random
) -> None:
    stories = [
        opened(report(told, feed_id=number, after=number * HOUR))
        for number, told in enumerate(titles)
    ]
    later = report(title, outlet="Meridian", after=DAY)
    shuffled = random.sample(stories, len(stories))

    assert find_story(later, stories) == find_story(later, shuffled)


@given(st.text(max_size=120))
def test_the_same_report_by_another_outlet_joins_whatever_it_says(title: str) -> None:
    if len(make_words(title)) >= COPY_WORDS:
        assert joins(report(title), report(title, outlet="Meridian", entry=entry(title, link="")))


VERIZON_DROPS, ATT_DROPS = "Verizon drops Huawei phones", "AT&T drops Huawei phones"


def dropped(
    title: str, *makers: str, carriers: tuple[str, ...] = ("verizon",), summary: str = ""
) -> Report:
    verdict = match(makers=makers, carriers=carriers, event=Event.DEAL_OFF)
    return report(title, summary, verdict=verdict)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (dropped("Verizon drops Huawei", "huawei"), dropped("Verizon drops ZTE", "zte")),
        (
            dropped("AT&T ends Huawei phone sales", "huawei", carriers=("att",)),
            dropped("T-Mobile ends Huawei\u2019s phone sales", "huawei", carriers=("tmobile",)),
        ),
        (
            dropped("U.S. Cellular drops Huawei", "huawei", carriers=("uscellular",)),
            dropped("Verizon drops Huawei", "huawei"),
        ),
        (
            dropped(ATT_DROPS, "huawei", carriers=("att",)),
            dropped(
                VERIZON_DROPS,
                "huawei",
                carriers=("att", "verizon"),
                summary="AT&T did so on Monday.",
            ),
        ),
        (
            dropped(
                "AT&T walks away from deal to sell Huawei's Mate 10 Pro",
                "huawei",
                carriers=("att",),
            ),
            dropped(
                "Verizon drops plans to sell Huawei phones after pressure",
                "huawei",
                summary="It had planned to sell the Mate 10 Pro.",
            ),
        ),
    ],
)
def test_headlines_that_name_another_maker_or_carrier_stay_apart(
    first: Report, second: Report
) -> None:
    assert not joins(first, second)
    assert not joins(second, first)


@pytest.mark.parametrize(
    "title",
    [
        "AT&T, then Verizon too, drop Huawei phones",
        "Verizon joins AT&T in dropping Huawei phones",
        "Huawei phones dropped by carriers",
    ],
)
def test_headlines_that_name_further_companies_or_fewer_join(title: str) -> None:
    first = dropped(ATT_DROPS, "huawei", carriers=("att",))

    assert joins(first, dropped(title, "huawei", carriers=("att", "verizon")))


def test_who_a_round_up_named_may_follow_in_its_story() -> None:
    first = dropped(ATT_DROPS, "huawei", carriers=("att",))
    both = dropped("AT&T and Verizon drop Huawei phones", "huawei", carriers=("att", "verizon"))
    story = join_story(opened(first), replace(both, outlet="Meridian"), reason="")
    later = replace(dropped(VERIZON_DROPS, "huawei"), outlet="Bay Gazette")

    assert find_story(later, (opened(first),)) is None
    assert find_story(later, (story,)) is not None


def test_a_product_in_both_headlines_outweighs_the_makers_name() -> None:
    verdict = only("lenovo", "motorola")
    first = report("Lenovo ThinkPhone is a phone for business users", verdict=verdict)
    second = report("Motorola ThinkPhone is for business users", verdict=verdict)

    assert joins(first, second)
