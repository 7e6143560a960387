"""What an operator's word makes of stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import Event, Story, Tie, TieKind
from bot.stories import (
    Repair,
    RepairOrder,
    Report,
    Told,
    join_story,
    merge_stories,
    open_story,
    split_story,
    terms_of_story,
)
from tests.builders import NOW
from tests.stories.reports import DAY, HOUR, HUAWEI, only, opened, report

ORDER = RepairOrder("the operator", NOW + DAY)

WIRE = report()
MERIDIAN = report("AT&T drops Huawei", outlet="Meridian", feed_id=2, after=HOUR)
BLATT = report(
    "Huawei will not come to AT&T shops", outlet="Blatt", feed_id=3, after=2 * HOUR,
    verdict=only("huawei"),
)  # fmt: skip
TOLL = report(
    "Verizon sells the Xiaomi Mix", outlet="Toll", feed_id=4, after=3 * HOUR,
    verdict=only("xiaomi", carriers=("verizon",)),
)  # fmt: skip


def told(*reports: Report) -> list[Told]:
    """These reports with ids from 1 on."""
    return [
        Told(number, one, filed=f"{one.outlet} joined", summary=f"{one.outlet} sums it up.")
        for number, one in enumerate(reports, start=1)
    ]


def grow(first: Report, *others: Report, is_history: bool = False) -> Story:
    story = opened(first, is_history=is_history)
    for one in others:
        story = join_story(story, one, reason=f"{one.outlet} joined", is_history=is_history)
    return replace(story, version=1)


def merge(kept: Story, merged: Story, *tied: Story) -> Repair:
    return merge_stories(kept, merged, tied=tied, order=ORDER)


def split(
    story: Story, reports: Sequence[Report], *leaving: int, tied: Sequence[Story] = ()
) -> Repair:
    return split_story(story, told(*reports), leaving, tied=tied, order=ORDER)


def outlets(story: Story) -> list[str]:
    return [each.outlet for each in story.coverage]


def turn(of: Story, story_id: str = "turn") -> Story:
    return replace(opened(), id=story_id, tie=Tie(TieKind.DENIED, of.id, of.headline, of.link))


# Merging


def test_the_first_story_takes_in_all_that_the_second_tells() -> None:
    kept, merged = grow(WIRE), grow(TOLL)

    repair = merge(kept, merged)

    both = repair.kept
    assert (both.id, both.headline, both.link, both.summary) == (
        kept.id, HUAWEI, kept.link, "It fell through.",
    )  # fmt: skip
    assert outlets(both) == ["Example Wire", "Toll"]
    assert (both.makers, both.carriers) == (("huawei", "xiaomi"), ("att", "verizon"))
    assert set(both.words) >= {*WIRE.words, *TOLL.words}
    assert (both.revision, both.updated_at, both.opened_at) == (2, NOW + 3 * HOUR, NOW)
    assert both.version == kept.version
    assert both.event is kept.event


def test_reports_stand_in_order_of_time_behind_the_one_that_speaks() -> None:
    """An earlier one of the other story does not take the word."""
    repair = merge(grow(MERIDIAN, TOLL), grow(WIRE, BLATT))

    assert outlets(repair.kept) == ["Meridian", "Example Wire", "Blatt", "Toll"]
    assert repair.kept.headline == MERIDIAN.entry.title


def test_an_outlet_that_is_in_both_is_listed_once() -> None:
    again = report("AT&T has second thoughts", outlet="Meridian", feed_id=2, after=DAY)

    repair = merge(grow(WIRE, MERIDIAN), grow(again))

    assert outlets(repair.kept) == ["Example Wire", "Meridian"]
    assert repair.kept.coverage[1].title == MERIDIAN.entry.title
    assert repair.kept.revision == 3  # all the same


def test_the_second_story_becomes_a_pointer_and_is_found_no_more() -> None:
    kept, merged = grow(WIRE), grow(TOLL, BLATT)

    pointer = merge(kept, merged).other

    assert pointer.is_merged
    assert pointer.tie == Tie(TieKind.MERGED, kept.id, HUAWEI, kept.link)
    assert (pointer.id, pointer.headline, pointer.revision) == (merged.id, merged.headline, 3)
    assert outlets(pointer) == ["Toll", "Blatt"]


def test_flags_of_either_story_are_flags_of_both() -> None:
    private = only("huawei", watched=("fairphone",), relevant_to_all=False, pair_to_all=False)
    public = only("xiaomi", carriers=("att",), is_pair=True, relevant_to_all=True, pair_to_all=True)
    kept = grow(report("A", verdict=replace(private, event=Event.OTHER)), is_history=True)
    merged = grow(report("B", outlet="B", verdict=public), is_history=False)

    both = merge(kept, merged).kept

    assert (kept.is_history, kept.is_relevant, kept.is_pair_to_all) == (True, False, False)
    assert (both.is_history, both.is_relevant, both.is_pair, both.is_pair_to_all) == (
        False, True, True, True,
    )  # fmt: skip
    assert both.watched == ("fairphone",)
    assert both.event is Event.LAUNCH
    assert merge(kept, replace(merged, is_history=True)).kept.is_history


def test_who_merged_what_and_when_is_kept() -> None:
    kept, merged = grow(WIRE, MERIDIAN), grow(TOLL)

    repair = merge(kept, merged)

    said = (
        f"the operator, 2018-01-10 08:30 UTC: merged #{merged.id} “{merged.headline}” "
        "into this story"
    )
    assert repair.filed == said
    assert repair.kept.reasons == (*kept.reasons, said)
    assert repair.other.reasons[-1] == (
        f"the operator, 2018-01-10 08:30 UTC: merged into #{kept.id} “{HUAWEI}”"
    )


def test_what_was_merged_before_points_to_the_story_that_stays() -> None:
    kept, merged, earlier = grow(WIRE), grow(TOLL), grow(BLATT)
    chained = merge(merged, earlier)

    repair = merge(kept, chained.kept, chained.other)

    (pointer,) = repair.tied
    assert pointer.id == earlier.id
    assert pointer.tie == Tie(TieKind.MERGED, kept.id, HUAWEI, kept.link)
    assert pointer.revision == chained.other.revision + 1  # its post must say so


def test_a_turn_hangs_on_the_story_that_stays_and_shows_what_it_showed() -> None:
    kept, merged = grow(WIRE), grow(TOLL)
    denial = turn(merged)

    (after,) = merge(kept, merged, denial).tied

    assert after.tie == Tie(TieKind.DENIED, kept.id, merged.headline, merged.link)
    assert after.revision == denial.revision


# Splitting


def test_reports_that_leave_are_a_story_again_as_if_it_had_opened() -> None:
    story = grow(WIRE, MERIDIAN, TOLL)

    repair = split(story, (WIRE, MERIDIAN, TOLL), 3)

    alone = open_story(TOLL, summary="Toll sums it up.", is_history=False)
    line = f"the operator, 2018-01-10 08:30 UTC: split off #{story.id} “{HUAWEI}”"
    assert repair.other == replace(alone, reasons=(*alone.reasons, line))
    assert (repair.moved, repair.filed, repair.is_swapped) == ((3,), line, False)


def test_what_stays_keeps_id_and_time_and_loses_what_left_with_the_others() -> None:
    story = replace(grow(WIRE, MERIDIAN, TOLL), opened_at=NOW - DAY)

    kept = split(story, (WIRE, MERIDIAN, TOLL), 3).kept

    assert (kept.id, kept.opened_at, kept.summary) == (story.id, NOW - DAY, "It fell through.")
    assert outlets(kept) == ["Example Wire", "Meridian"]
    assert (kept.makers, kept.carriers) == (("huawei",), ("att",))
    assert not set(kept.words) & {"xiaomi", "mix"}
    assert (kept.revision, kept.updated_at) == (story.revision + 1, NOW + HOUR)
    assert kept.version == story.version
    assert kept.reasons[:-1] == story.reasons
    assert kept.reasons[-1].startswith(
        "the operator, 2018-01-10 08:30 UTC: split off 1 report as #"
    )


def test_several_reports_leave_together_and_the_first_filed_speaks() -> None:
    repair = split(grow(WIRE, MERIDIAN, BLATT), (WIRE, MERIDIAN, BLATT), 3, 2)

    assert outlets(repair.other) == ["Meridian", "Blatt"]
    assert repair.other.headline == MERIDIAN.entry.title
    assert repair.other.id == opened(MERIDIAN).id
    assert repair.moved == (2, 3)


def test_the_opener_stays_with_its_id_and_the_others_leave() -> None:
    story = grow(WIRE, MERIDIAN, BLATT)

    repair = split(story, (WIRE, MERIDIAN, BLATT), 1)

    assert repair.is_swapped
    assert (repair.kept.id, outlets(repair.kept)) == (story.id, ["Example Wire"])
    assert outlets(repair.other) == ["Meridian", "Blatt"]
    assert repair.moved == (2, 3)


@pytest.mark.parametrize("leaving", [(), (1, 2), (7,)])
def test_a_cut_needs_a_report_on_either_side(leaving: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="either side"):
        split(grow(WIRE, TOLL), (WIRE, TOLL), *leaving)


def test_a_merged_story_comes_back_under_its_id() -> None:
    kept, merged = grow(WIRE, MERIDIAN), grow(TOLL)
    both = merge(kept, merged)
    pointer = replace(both.other, version=2)

    repair = split(replace(both.kept, version=2), (WIRE, MERIDIAN, TOLL), 3, tied=[pointer])

    back = repair.other
    assert (back.id, back.tie, back.summary) == (merged.id, None, "It fell through.")
    assert (back.headline, back.coverage, back.words) == (
        merged.headline, merged.coverage, merged.words,
    )  # fmt: skip
    assert (back.revision, back.version) == (pointer.revision + 1, 2)
    assert back.reasons == (*pointer.reasons, repair.filed)
    assert (repair.kept.coverage, repair.kept.words) == (kept.coverage, kept.words)
    assert repair.tied == ()


def test_a_story_that_opened_earlier_than_the_one_it_is_in_leaves_that_its_word() -> None:
    both = merge(grow(MERIDIAN, TOLL), grow(WIRE))

    repair = split(both.kept, (WIRE, MERIDIAN, TOLL), 3, tied=[both.other])

    assert outlets(repair.kept) == ["Meridian", "Example Wire"]
    assert repair.kept.headline == MERIDIAN.entry.title
    assert repair.other.id == opened(TOLL).id


def test_of_a_chain_the_story_that_had_it_all_comes_back_and_the_rest_points_to_it() -> None:
    inner = merge(grow(TOLL), grow(BLATT))
    outer = merge(grow(WIRE), inner.kept, inner.other)
    tied = [outer.other, *outer.tied]

    repair = split(outer.kept, (WIRE, BLATT, TOLL), 2, 3, tied=tied)

    assert repair.other.id == opened(TOLL).id
    assert outlets(repair.other) == ["Toll", "Blatt"]
    (pointer,) = repair.tied
    assert pointer.id == opened(BLATT).id
    assert pointer.tie is not None
    assert (pointer.tie.story_id, pointer.tie.headline) == (repair.other.id, TOLL.entry.title)


def test_of_several_merged_stories_one_alone_can_be_taken_back() -> None:
    first = merge(grow(WIRE), grow(TOLL))
    second = merge(first.kept, grow(BLATT))

    repair = split(second.kept, (WIRE, TOLL, BLATT), 3, tied=[first.other, second.other])

    assert repair.other.id == opened(BLATT).id
    assert (outlets(repair.kept), repair.tied) == (["Example Wire", "Toll"], ())


def test_a_report_that_joined_a_merged_story_leaves_it_merged() -> None:
    both = merge(grow(WIRE), grow(TOLL, BLATT))

    repair = split(both.kept, (WIRE, TOLL, BLATT), 3, tied=[both.other])

    assert repair.other.id == opened(BLATT).id
    assert (outlets(repair.kept), repair.tied) == (["Example Wire", "Toll"], ())


def test_a_turn_goes_with_the_report_that_it_turned() -> None:
    both = merge(grow(WIRE), grow(TOLL), turn(grow(TOLL), "denial"))
    own = turn(grow(WIRE), "own")

    repair = split(both.kept, (WIRE, TOLL), 2, tied=[both.other, own, *both.tied])

    (denial,) = repair.tied
    assert denial.tie is not None
    assert (denial.id, denial.tie.story_id) == ("denial", repair.other.id)


def test_a_turn_stays_a_turn_when_a_report_is_taken_out_of_it() -> None:
    denial = replace(grow(MERIDIAN, TOLL), tie=Tie(TieKind.DENIED, "first", HUAWEI, None))

    repair = split(denial, (MERIDIAN, TOLL), 2)

    assert (repair.kept.tie, repair.other.tie) == (denial.tie, None)


def test_a_headline_edited_while_it_was_merged_speaks_for_itself() -> None:
    both = merge(grow(WIRE), grow(TOLL))
    later = replace(TOLL, entry=replace(TOLL.entry, title="Verizon drops the Xiaomi Mix"))

    back = split(both.kept, (WIRE, later), 2, tied=[both.other]).other

    assert (back.id, back.headline) == (both.other.id, "Verizon drops the Xiaomi Mix")
    assert back.summary == "Toll sums it up."


def test_what_was_news_stays_news_whatever_the_catalogue_says_now() -> None:
    forgotten = replace(TOLL, match=only(relevant=False, relevant_to_all=False), words=())
    story = replace(grow(WIRE, TOLL), is_relevant=True, watched=("toll",))

    other = split(story, (WIRE, forgotten), 2).other

    assert (other.is_relevant, other.watched) == (True, ("toll",))


@pytest.mark.parametrize("is_history", [True, False])
def test_what_nobody_was_told_stays_history(is_history: bool) -> None:
    story = grow(WIRE, TOLL, is_history=is_history)

    repair = split(story, (WIRE, TOLL), 2)

    assert (repair.kept.is_history, repair.other.is_history) == (is_history, is_history)


def test_both_are_found_by_their_own_words_afterwards() -> None:
    repair = split(grow(WIRE, TOLL), (WIRE, TOLL), 2)

    kept, other = set(terms_of_story(repair.kept)), set(terms_of_story(repair.other))
    assert "@xiaomi" in other
    assert "@xiaomi" not in kept
    assert "@huawei" in kept
    assert "@huawei" not in other


def test_times_of_an_order_are_told_in_utc() -> None:
    local = RepairOrder("Ada", (NOW + timedelta(hours=1)).astimezone())

    assert local.note("done") == "Ada, 2018-01-09 09:30 UTC: done"
