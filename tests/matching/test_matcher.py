from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching import Matcher
from bot.matching.matcher import MAX_TEXT
from bot.model import Alias, Catalogue, Company, Event, Match, Role


def test_the_story_we_measure_ourselves_by(matcher: Matcher) -> None:
    verdict = matcher.match(
        "Huawei fails to get AT&T to sell its phones in the US",
        "Xiaomi is said to be talking to Verizon as well.",
    )

    assert verdict.makers == ("huawei", "xiaomi")
    assert verdict.carriers == ("att", "verizon")
    assert (verdict.relevant, verdict.is_pair) == (True, True)
    assert (verdict.event, verdict.event_cue) == (Event.DEAL_OFF, "fails to get")


def test_companies_come_in_order_of_first_mention(matcher: Matcher) -> None:
    verdict = matcher.match("Xiaomi, then Huawei, then Xiaomi", "OnePlus before Huawei.")

    assert verdict.makers == ("xiaomi", "huawei", "oneplus")


def test_a_mention_points_at_the_original_text(matcher: Matcher) -> None:
    title, summary = "“ＡＴ＆Ｔ” asks", "Why  T\u2011Mobile&#x27;s late"
    verdict = matcher.match(title, summary)

    fields = {"title": title, "summary": summary}
    assert [(m.company, fields[m.where][m.start : m.end]) for m in verdict.mentions] == [
        ("att", "ＡＴ＆Ｔ"),
        ("tmobile", "T\u2011Mobile"),
    ]
    assert all(fields[m.where][m.start : m.end] == m.text for m in verdict.mentions)


@pytest.mark.parametrize(("apart", "is_pair"), [(10, True), (600, False)])
def test_a_pair_is_close_together_also_across_fields(
    matcher: Matcher, apart: int, is_pair: bool
) -> None:
    verdict = matcher.match("Huawei speaks", "x" * apart + " AT&T answers")

    assert (verdict.makers, verdict.carriers) == (("huawei",), ("att",))
    assert verdict.is_pair is is_pair


def test_a_pair_may_stand_in_the_body(matcher: Matcher) -> None:
    assert matcher.match("A day in town", "Short.", "Huawei met AT&T.").is_pair


def test_a_field_is_read_up_to_a_limit(matcher: Matcher) -> None:
    assert matcher.match("News", body="." * MAX_TEXT + " Huawei") == Match()


def test_reasons_are_lines_for_people(matcher: Matcher) -> None:
    verdict = matcher.match("Redmi fans Honor a poet as AT&T and Sprint listen")

    assert verdict.reasons == (
        "Redmi (Xiaomi) in the title: maker; the name itself",
        "AT&T in the title: carrier; the name itself",
        'Sprint in the title: carrier; settled by "Redmi"',
        '"Honor" in the title rejected: another word before "a"',
        "relevant: a maker and a carrier close together",
    )


def test_where_no_name_stands_there_is_nothing_to_say(matcher: Matcher) -> None:
    assert matcher.match("Rain tomorrow", "Take a coat.") == Match()


def test_an_alias_in_the_wrong_case_hides_no_name_beside_it() -> None:
    companies = {
        "att": Company("att", "AT&T", Role.CARRIER, (Alias("AT T", exact_case=True),)),
        "tmobile": Company("tmobile", "T-Mobile", Role.CARRIER, (Alias("T-Mobile"),)),
    }

    verdict = Matcher(Catalogue(companies=companies)).match("Sold at T-Mobile")

    assert verdict.carriers == ("tmobile",)


def test_a_watched_company_is_found_beside_the_others(catalogue: Catalogue) -> None:
    fairphone = Company("fairphone", "Fairphone", Role.OTHER, (Alias("Fairphone"),))

    verdict = Matcher(catalogue, watched=[fairphone]).match("Fairphone follows Huawei")

    assert (verdict.makers, verdict.others) == (("huawei",), ("fairphone",))


def test_a_watched_company_takes_the_place_of_its_namesake(catalogue: Catalogue) -> None:
    mine = replace(catalogue.companies["huawei"], aliases=(Alias("Hua Wei Inc"),))

    changed = Matcher(catalogue, watched=[mine])

    assert changed.match("Huawei speaks").makers == ()
    assert changed.match("Hua Wei Inc speaks").makers == ("huawei",)


@given(st.text(), st.text(), st.text(alphabet="Huawei AT&T Sprint\n中兴.-’"), st.text(max_size=5))
def test_any_text_gets_a_verdict(title: str, summary: str, body: str, lang: str) -> None:
    companies = {
        "att": Company("att", "AT&T", Role.CARRIER, (Alias("AT&T"), Alias("T", needs=("a",))))
    }
    small = Matcher(Catalogue(companies=companies, business_words=("中",)))

    verdict = small.match(title, summary, body, lang=lang)

    texts = {"title": title, "summary": summary, "body": body}
    assert all(texts[m.where][m.start : m.end] == m.text for m in verdict.mentions)
