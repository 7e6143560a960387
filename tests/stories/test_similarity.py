"""What comparing weighs, apart from what stories make of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.model import Event
from bot.stories.finding import JOIN_AT
from bot.stories.similarity import NOT_ALIKE, WINDOW, compare, make_rarity
from bot.stories.sketch import SUMMARY_WEIGHT, Sketch, make_sketch
from tests.builders import NOW


def sketch(*titles: str, **changes: Any) -> Sketch:
    told: dict[str, Any] = {
        "words": (),
        "makers": ("huawei",),
        "carriers": (),
        "others": (),
        "event": Event.OTHER,
        "at": NOW,
    }
    return make_sketch(titles, **(told | changes))


def test_a_word_weighs_as_many_titles_as_have_it_and_a_summarys_less() -> None:
    made = sketch("Alpha beta", "Alpha gamma", words=("alpha", "delta"))

    assert made.weights == {"alpha": 2, "beta": 1, "gamma": 1, "delta": SUMMARY_WEIGHT}


def test_a_word_that_many_candidates_have_tells_less() -> None:
    report = sketch("Alpha beta gamma")
    rarity = make_rarity(report, [sketch("Alpha beta"), sketch("Alpha two"), sketch("Three")])

    assert rarity.weight("alpha") < rarity.weight("beta") < rarity.weight("gamma") <= 1


def test_common_words_and_company_names_are_not_telling() -> None:
    report = sketch("AT&T and T-Mobile launch alpha", carriers=("att", "tmobile"))
    rarity = make_rarity(report, [])

    assert [word for word in report.weights if rarity.is_telling(word)] == ["alpha"]
    assert rarity.weight("at&t") < rarity.weight("launch") < rarity.weight("alpha")


def test_likeness_is_the_same_text_at_most() -> None:
    report = sketch("Alpha beta")

    assert compare(report, report, make_rarity(report, [report])).score <= 1 + 1e-9
    assert compare(report, report, make_rarity(report, [])).shared == ("alpha", "beta")


def test_nothing_in_common_is_not_alike() -> None:
    report = sketch("Alpha beta")

    assert compare(report, sketch("Gamma delta"), make_rarity(report, [])) == NOT_ALIKE


def test_a_copy_needs_a_title_that_says_something() -> None:
    short, long = sketch("Business highlights"), sketch("Alpha beta gamma delta")
    elsewhere = {"makers": (), "carriers": ()}

    assert compare(short, sketch("Business highlights", **elsewhere), make_rarity(short, [])) == (
        NOT_ALIKE
    )
    copied = compare(long, sketch("Alpha beta gamma delta", **elsewhere), make_rarity(long, []))
    assert copied.score == 1.0


def test_the_window_includes_its_edge() -> None:
    report = sketch("Alpha beta gamma delta")
    rarity = make_rarity(report, [])

    def after(age: timedelta) -> float:
        return compare(report, sketch("Alpha beta gamma delta", at=NOW - age), rarity).score

    assert after(WINDOW) == 1.0
    assert after(WINDOW + timedelta(seconds=1)) == 0.0


def test_without_companies_one_word_in_common_counts() -> None:
    nobody: dict[str, Any] = {"makers": ()}
    report = sketch("Alpha beta", **nobody)

    assert compare(report, sketch("Alpha gamma", **nobody), make_rarity(report, [])).score > 0
    assert compare(report, sketch("Alpha gamma"), make_rarity(report, [])) == NOT_ALIKE


def test_another_carrier_beside_the_same_maker_counts_against() -> None:
    report = sketch("Alpha beta gamma", carriers=("att",))
    rarity = make_rarity(report, [])
    same = compare(report, sketch("Alpha beta delta", carriers=("att",)), rarity)
    other = compare(report, sketch("Alpha beta delta", carriers=("verizon",)), rarity)

    assert 0 < other.score < same.score


def test_the_same_turn_for_the_same_pair_counts_for_a_join() -> None:
    pair: dict[str, Any] = {"carriers": ("att",), "event": Event.DEAL_OFF}
    report = sketch("Alpha phone", **pair)
    rarity = make_rarity(report, [])

    near = compare(report, sketch("Beta phone", **pair), rarity)
    late = compare(report, sketch("Beta phone", at=NOW - timedelta(days=2), **pair), rarity)

    assert near.score > 0.15
    assert late == NOT_ALIKE


def alike(one: Sketch, other: Sketch) -> float:
    return compare(one, other, make_rarity(one, [other])).score


def test_another_stage_of_the_same_product_is_less_alike() -> None:
    leak = sketch("Huawei Mate 70 camera and colours leak", outlets=("One",))
    launch = sketch("Huawei Mate 70 launched: camera and colours", outlets=("Two",))
    again = sketch("Huawei Mate 70 leaks: camera and colours", outlets=("Two",))

    assert alike(leak, launch) < alike(leak, again)


def test_the_same_outlet_again_is_less_alike_unless_it_reviews() -> None:
    first = sketch("Huawei shows Mate 70 with satellite camera", outlets=("One",))
    later = "Huawei Mate 70 has satellite camera for hikers"
    review = "Huawei Mate 70 review: satellite camera for hikers"

    same, other = (sketch(later, outlets=(name,)) for name in ("One", "Two"))
    assert alike(first, same) < alike(first, other)
    same, other = (sketch(review, outlets=(name,)) for name in ("One", "Two"))
    assert alike(first, same) == alike(first, other)


def test_products_of_a_brand_that_nobody_watches_stay_apart() -> None:
    phone = sketch("Nothing Phone 3 coming to stores with new chip", makers=())
    buds = sketch("Nothing Ear 4 coming to stores with new chip", makers=())
    same = sketch("New chip confirmed for Nothing Phone 3 in stores", makers=())

    assert compare(buds, phone, make_rarity(buds, [phone])) == NOT_ALIKE
    assert alike(same, phone) > JOIN_AT
