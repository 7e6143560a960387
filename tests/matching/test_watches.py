from __future__ import annotations

from dataclasses import replace

import pytest

from bot.matching import Matcher, watched_company
from bot.matching.watches import (
    LONGEST_NAME,
    MAX_ALIASES,
    MAX_WORDS,
    Ambiguity,
    assess,
    company_of,
    watch_key,
)
from bot.model import Catalogue, Platform, Role, Watch


def named(matcher: Matcher, watch: Watch, title: str) -> bool:
    company = company_of(watch)
    return company.id in matcher.watching([company]).match(title).companies


def test_a_name_alone_makes_a_company() -> None:
    company = watched_company("  Fair   Phone+ ")

    assert (company.id, company.name, company.role) == ("fair-phone", "Fair Phone+", Role.OTHER)


def test_it_may_be_watched_as_a_maker_or_carrier(matcher: Matcher) -> None:
    watching = matcher.watching([watched_company("Fairphone", Role.MAKER)])

    verdict = watching.match("Fairphone comes to AT&T")

    assert (verdict.makers, verdict.relevant, verdict.is_pair) == (("fairphone",), True, True)
    assert (verdict.watched, verdict.relevant_to_all) == (("fairphone",), True)


def test_a_watched_maker_is_news_to_its_watchers_only(matcher: Matcher) -> None:
    watching = matcher.watching([watched_company("Fairphone", Role.MAKER)])

    verdict = watching.match("Fairphone shows a phone with ten screws")

    assert (verdict.relevant, verdict.relevant_to_all) == (True, False)
    assert verdict.watched == ("fairphone",)


def test_a_pair_with_a_watched_carrier_alone_is_not_news_to_all(matcher: Matcher) -> None:
    watching = matcher.watching([watched_company("Telia", Role.CARRIER)])

    verdict = watching.match("TCL shows a TV set", "It will stream films of Telia.")

    assert (verdict.is_pair, verdict.relevant, verdict.relevant_to_all) == (True, True, False)


@pytest.mark.parametrize(
    ("watch", "title"),
    [
        (Watch("Huawei Mate", is_alone=True), "AT&T walks away from Huawei Mate phones"),
        (Watch("Verizon Wins", is_alone=True), "Verizon wins phone deal"),
        (Watch("Acme Telecom", role=Role.CARRIER), "Acme Telecom sues Mint in court"),
        (Watch("Acme Telecom", role=Role.CARRIER), "Acme Telecom and Huawei sign phone deal"),
    ],
)
def test_what_somebody_watches_changes_nothing_for_the_others(
    matcher: Matcher, watch: Watch, title: str
) -> None:
    verdict = matcher.watching([company_of(watch)]).match(title)

    public = matcher.match(title)
    assert company_of(watch).id in verdict.watched
    assert (verdict.relevant_to_all, verdict.pair_to_all) == (public.relevant, public.is_pair)
    assert set(public.companies) <= set(verdict.companies)


def test_a_company_in_passing_is_not_what_the_entry_is_about(matcher: Matcher) -> None:
    watching = matcher.watching([watched_company("Fairphone")])

    verdict = watching.match("Huawei sells more phones", body="As did Fairphone.")

    assert (verdict.others, verdict.watched) == (("fairphone",), ())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "no letter"),
        (" ", "no letter"),
        ("?!", "no letter"),
        ("a" * (LONGEST_NAME + 1), "at most 60: write it as headlines do"),
        ("<@U012AB>", 'holds "<"; write a name in plain letters'),
        ("@everyone", 'holds "@"'),
        ("<b>Orange</b>", 'holds "<"'),
        ("Orange.*", 'holds "\\*"'),
        ("[Oo]range", r'holds "\["'),
        ("https://orange.example", 'holds "://"'),
        ("Ora\x00nge", "holds"),
    ],
)
def test_what_cannot_be_a_name_is_refused(name: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        watched_company(name)


@pytest.mark.parametrize("name", ["Yahoo!", "Disney+", "H&M", "7-Eleven", "L'Oréal", "小度", "3"])
def test_signs_that_names_have_are_taken(catalogue: Catalogue, name: str) -> None:
    assert assess(Watch(name), catalogue).company.name == name


@pytest.mark.parametrize(
    ("watch", "says"),
    [
        (Watch("A", aliases=tuple(f"A{n}" for n in range(MAX_ALIASES + 1))), "21 aliases are too"),
        (Watch("A", needs=tuple(f"w{n}" for n in range(MAX_WORDS + 1))), "31 needs are too many"),
        (Watch("A", unless=("",)), "no letter"),
        (Watch("A", needs=("@maker",)), 'holds "@"'),
    ],
)
def test_too_much_or_wrong_beside_a_name_is_refused(watch: Watch, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        company_of(watch)


def test_full_lists_are_taken() -> None:
    watch = Watch("Abc", aliases=tuple(f"Abc {n}" for n in range(MAX_ALIASES)))

    assert len(company_of(watch).aliases) >= MAX_ALIASES


@pytest.mark.parametrize(
    ("name", "ambiguity", "held"),
    [
        ("Fairphone", Ambiguity.CLEAR, ()),
        ("Carl Pei", Ambiguity.CLEAR, ()),
        ("1&1", Ambiguity.CLEAR, ()),
        ("nothing", Ambiguity.EVERYDAY, ("Nothing",)),
        ("Back Market", Ambiguity.EVERYDAY, ("Back Market",)),
        ("META", Ambiguity.EVERYDAY, ("META", "Meta")),
        ("Nothing Technology Ltd", Ambiguity.EVERYDAY, ("Nothing",)),
        ("O2", Ambiguity.DOUBTFUL, ("O2",)),
        ("小度", Ambiguity.DOUBTFUL, ("小度",)),
        ("Lumen", Ambiguity.EVERYDAY, ("Lumen",)),
    ],
)
def test_an_everyday_or_short_name_is_found_out(
    catalogue: Catalogue, name: str, ambiguity: Ambiguity, held: tuple[str, ...]
) -> None:
    assessment = assess(Watch(name), catalogue)

    assert (assessment.ambiguity, assessment.held) == (ambiguity, held)
    assert bool(assessment.reasons) is (ambiguity is not Ambiguity.CLEAR)


def test_a_name_within_a_longer_known_one_is_told(catalogue: Catalogue) -> None:
    reasons = assess(Watch("Kings"), catalogue).reasons

    assert 'it is part of "Honor of Kings", and is not counted there' in reasons


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("AT&T", "att"),
        ("at&t", "att"),
        ("one plus", "oneplus"),
        ("HUAWEI", "huawei"),
        ("Huawei Technologies Co., Ltd.", "huawei"),
        ("T Mobile", "tmobile"),
        ("Fairphone", ""),
        ("Hua", ""),
    ],
)
def test_a_company_of_the_catalogue_is_recognised(
    catalogue: Catalogue, name: str, known: str
) -> None:
    assert assess(Watch(name), catalogue).known == known


@pytest.mark.parametrize(
    ("watch", "title", "expected"),
    [
        (Watch("Orange", is_alone=True), "Orange trees bloom", True),
        (Watch("Orange", is_alone=True), "An orange phone", True),
        (Watch("Orange", is_alone=True, exact_case=True), "An orange phone", False),
        (Watch("Orange", needs=("operator",)), "Orange, the operator, grows", True),
        (Watch("Orange", needs=("operator",)), "Orange CEO resigns", False),
        (Watch("Orange", unless=("Spain",)), "Orange CEO resigns in Spain", False),
        (Watch("Orange", unless=("Spain",)), "Orange CEO resigns", True),
        (Watch("Orange", exact_case=False), "orange ceo resigns", True),
        (Watch("Fairphone", exact_case=True), "fairphone repaired", False),
        (Watch("Nothing", aliases=("CMF",)), "CMF Buds are cheap", True),
    ],
)
def test_what_somebody_says_goes_before_what_follows_from_the_name(
    matcher: Matcher, watch: Watch, title: str, *, expected: bool
) -> None:
    assert named(matcher, watch, title) is expected


def test_everybody_who_says_the_same_shares_an_id() -> None:
    here = Watch("Nothing", platform=Platform.SLACK, workspace="T1")
    there = Watch("nothing", platform=Platform.DISCORD, workspace="9")

    assert company_of(here) == company_of(there)
    assert company_of(here).id == "nothing"


@pytest.mark.parametrize(
    "other",
    [
        Watch("Nothing", role=Role.MAKER),
        Watch("Nothing", aliases=("CMF",)),
        Watch("Nothing", needs=("phone",)),
        Watch("Nothing", unless=("phone",)),
        Watch("Nothing", exact_case=True),
        Watch("Nothing", is_alone=True),
        Watch("NOTHING"),
    ],
)
def test_who_says_something_else_under_a_name_has_an_id_of_his_own(other: Watch) -> None:
    first, second = company_of(Watch("Nothing")).id, company_of(other).id

    assert second.startswith(f"{first}-")
    assert company_of(replace(other, workspace="T1")).id == second


def test_spellings_that_make_no_difference_are_one_name() -> None:
    assert watch_key("Back-Market") == watch_key("back market") == "back-market"


def test_two_that_share_a_name_are_both_found(matcher: Matcher) -> None:
    both = [company_of(Watch("Fairphone")), company_of(Watch("Fairphone", role=Role.MAKER))]

    verdict = matcher.watching(both).match("Fairphone grows")

    assert set(verdict.companies) == {company.id for company in both}


def test_an_everyday_name_with_needs_counts_only_as_written(matcher: Matcher) -> None:
    watching = matcher.watching([company_of(Watch("orange", needs=("operator",)))])

    assert watching.match("An operator in orange trousers").others == ()
    assert watching.match("The operator Orange grows").watched != ()


def test_a_watched_company_alone_does_not_make_news_ours(matcher: Matcher) -> None:
    verdict = matcher.watching([watched_company("Fairphone")]).match("Fairphone phone")

    assert (verdict.others, verdict.relevant) == (("fairphone",), False)
    assert (verdict.watched, verdict.relevant_to_all) == (("fairphone",), False)


@pytest.mark.parametrize(
    "title",
    [
        "Nothing Phone wins hearts",
        "Nothing 4a seen in green",
        "Nothing says its next phone is late",
        "Huawei and Nothing share a booth",
    ],
)
def test_an_everyday_name_counts_in_its_context(matcher: Matcher, title: str) -> None:
    watching = matcher.watching([watched_company("nothing")])

    assert watching.match(title).others == ("nothing",)


@pytest.mark.parametrize(
    "title",
    ["Nothing Else Matters", "There is nothing wrong with this phone", "Much ado about Nothing"],
)
def test_an_everyday_name_is_mostly_a_word(matcher: Matcher, title: str) -> None:
    watching = matcher.watching([watched_company("Nothing")])

    assert watching.match(title).others == ()
