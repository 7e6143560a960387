from __future__ import annotations

import pytest

from bot.matching import Matcher, watched_company
from bot.model import Catalogue, Role


def test_a_name_alone_makes_a_company() -> None:
    company = watched_company("  Fair   Phone+ ")

    assert (company.id, company.name, company.role) == ("fair-phone", "Fair Phone+", Role.OTHER)


def test_it_may_be_watched_as_a_maker_or_carrier(catalogue: Catalogue) -> None:
    matcher = Matcher(catalogue, watched=[watched_company("Fairphone", Role.MAKER)])

    verdict = matcher.match("Fairphone comes to AT&T")

    assert (verdict.makers, verdict.relevant, verdict.is_pair) == (("fairphone",), True, True)


@pytest.mark.parametrize("name", ["", " ", "?!"])
def test_a_name_without_a_letter_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no letter"):
        watched_company(name)


@pytest.mark.parametrize(
    "title",
    [
        "Nothing Phone wins hearts",
        "Nothing 4a seen in green",
        "Nothing says its next phone is late",
        "Huawei and Nothing share a booth",
    ],
)
def test_an_everyday_name_counts_in_its_context(catalogue: Catalogue, title: str) -> None:
    matcher = Matcher(catalogue, watched=[watched_company("nothing")])

    assert matcher.match(title).others == ("nothing",)


@pytest.mark.parametrize(
    "title",
    ["Nothing Else Matters", "There is nothing wrong with this phone", "Much ado about Nothing"],
)
def test_an_everyday_name_is_mostly_a_word(catalogue: Catalogue, title: str) -> None:
    matcher = Matcher(catalogue, watched=[watched_company("Nothing")])

    assert matcher.match(title).others == ()


def test_a_watched_company_alone_does_not_make_news_ours(catalogue: Catalogue) -> None:
    verdict = Matcher(catalogue, watched=[watched_company("Fairphone")]).match("Fairphone phone")

    assert (verdict.others, verdict.relevant) == (("fairphone",), False)
