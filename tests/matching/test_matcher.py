from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching import Matcher, tell_verdict, watched_company
from bot.matching.frames import FrameInvalid
from bot.matching.matcher import MAX_FOUND, MAX_TEXT
from bot.matching.reasons import MAX_NAMES
from bot.model import Alias, Catalogue, Company, Event, EventRule, Match, Prominence, Role


def test_the_story_we_measure_ourselves_by(matcher: Matcher) -> None:
    verdict = matcher.match(
        "Huawei fails to get AT&T to sell its phones in the US",
        "Xiaomi is said to be talking to Verizon as well.",
    )

    assert verdict.makers == ("huawei", "xiaomi")
    assert verdict.carriers == ("att", "verizon")
    assert (verdict.relevant, verdict.is_pair) == (True, True)
    assert (verdict.event, verdict.event_cue) == (Event.DEAL_OFF, "fails to get AT&T")


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
    title = "Redmi fans Honor a poet as AT&T and Sprint listen"

    verdict = matcher.match(title)

    assert verdict.reasons[:-1] == (
        "Redmi (Xiaomi) in the title, character 1: maker; the name itself",
        "AT&T in the title, character 28: carrier; the name itself",
        'Sprint in the title, character 37: carrier; settled by "Redmi"',
        '"Honor" in the title, character 12, rejected: another word before "a"',
        f"pair: Xiaomi and AT&T, 22 characters apart, in one sentence of the title: “{title}”",
        "relevant: a maker and a carrier close together",
    )
    assert verdict.reasons[-1].startswith("event ")


def test_a_rejection_points_at_the_original_text(matcher: Matcher) -> None:
    title, summary = (
        "Ｈｏｎｏｒ a poet; Honor of Kings wins",
        "He ran: a Sprint, no more. Honor a poet",
    )
    fields = {"title": title, "summary": summary}

    rejections = matcher.match(title, summary).rejections

    assert [(r.where, r.text) for r in rejections] == [
        ("title", "Honor of Kings"),
        ("title", "Ｈｏｎｏｒ"),
        ("summary", "Sprint"),
        ("summary", "Honor"),
    ]
    assert all(fields[r.where][r.start : r.end] == r.text for r in rejections)


def test_a_line_tells_the_ways_a_name_is_written(matcher: Matcher) -> None:
    verdict = matcher.match("Redmi and redmi, POCO, HyperOS, Xiaomi", "Redmi, POCO")

    assert verdict.reasons[:2] == (
        "Redmi, POCO, HyperOS, … in the title, 5 times from character 1: maker; the name itself",
        "Redmi, POCO (Xiaomi) in the summary, 2 times from character 1: maker; the name itself",
    )


def test_however_often_a_name_stands_there_it_is_one_line_a_field(matcher: Matcher) -> None:
    body = "Huawei grew. Honor the brave. " * 300

    verdict = matcher.match("Huawei speaks", body=body)

    assert len(verdict.mentions) == 301
    assert [line for line in verdict.reasons if "body" in line] == [
        "Huawei in the body, 300 times from character 1: maker; the name itself",
        '"Honor" in the body, 300 times from character 14, rejected: another word before "the"',
    ]


def test_however_many_names_stand_there_the_reasons_are_few() -> None:
    watched = [watched_company(f"Firm{number}x") for number in range(200)]

    verdict = Matcher(Catalogue(), watched=watched).match(" ".join(c.name for c in watched))

    assert len(verdict.others) == 200
    assert len(verdict.reasons) == MAX_NAMES + 4
    assert verdict.reasons[MAX_NAMES] == f"and {200 - MAX_NAMES} more"


def test_what_is_up_front_is_told_from_what_is_passing(matcher: Matcher) -> None:
    opening = "Xiaomi spoke. " + "word " * 60
    verdict = matcher.match(
        "ZTE speaks", opening + "Verizon and Oppo heard.", f"AT&T, {opening} Vivo phones heard."
    )

    assert [(m.company, m.where, m.prominence) for m in verdict.mentions] == [
        ("zte", "title", Prominence.HEADLINE),
        ("xiaomi", "summary", Prominence.LEAD),
        ("verizon", "summary", Prominence.PASSING),
        ("oppo", "summary", Prominence.PASSING),
        ("att", "body", Prominence.LEAD),
        ("xiaomi", "body", Prominence.LEAD),
        ("vivo", "body", Prominence.PASSING),
    ]
    assert verdict.makers == ("zte", "xiaomi", "oppo", "vivo")
    assert verdict.carriers == ("att", "verizon")  # the opening goes before what stands below


FAR = "word " * 100


def test_a_passing_pair_is_noted_and_flags_nothing(matcher: Matcher) -> None:
    verdict = matcher.match("A day in town", body=f"{FAR}. Years ago Huawei left AT&T.")

    assert (verdict.makers, verdict.carriers) == (("huawei",), ("att",))
    assert (verdict.relevant, verdict.is_pair) == (False, False)
    assert (
        "passing pair, which flags nothing: Huawei and AT&T, 6 characters apart, "
        "in one sentence of the body: “Years ago Huawei left AT&T.”"
    ) in verdict.reasons


@pytest.mark.parametrize(
    ("title", "body", "relevant", "is_pair"),
    [
        ("Huawei shows a phone", "Huawei left AT&T.", True, True),
        ("Huawei shows a phone", "He wore Huawei. AT&T rang.", True, False),
        ("Huawei shows a phone", "ZTE left AT&T.", True, False),
        ("Huawei opens a stadium", "Huawei left AT&T.", False, True),
    ],
)
def test_a_sentence_of_the_body_may_tie_a_carrier_to_the_headline_but_the_headline_decides(
    matcher: Matcher, title: str, body: str, relevant: bool, is_pair: bool
) -> None:
    verdict = matcher.match(title, body=f"{FAR}. Years ago, {body}")

    assert (verdict.relevant, verdict.is_pair) == (relevant, is_pair)
    assert verdict.pair is not None
    assert verdict.pair.is_passing is not is_pair


def test_to_name_is_to_match_without_a_verdict(matcher: Matcher) -> None:
    title, text = "Huawei loses AT&T", "The honor goes to ZTE."

    named, whole = matcher.name(title, text), matcher.match(title, text)

    assert {one.company for one in named.mentions} == {"huawei", "att", "zte"}
    assert (named.mentions, named.rejections) == (whole.mentions, whole.rejections)
    assert named == Match(mentions=named.mentions, rejections=named.rejections)
    assert matcher.name("Nothing of note") == Match()


def test_where_no_name_stands_there_is_nothing_to_say(matcher: Matcher) -> None:
    assert matcher.match("Rain tomorrow", "Take a coat.") == Match()


def test_an_alias_in_the_wrong_case_hides_no_name_beside_it() -> None:
    companies = {
        "att": Company("att", "AT&T", Role.CARRIER, (Alias("AT T", exact_case=True),)),
        "tmobile": Company("tmobile", "T-Mobile", Role.CARRIER, (Alias("T-Mobile"),)),
    }

    verdict = Matcher(Catalogue(companies=companies)).match("Sold at T-Mobile")

    assert verdict.carriers == ("tmobile",)


def test_event_rules_are_read_for_the_first_verdict_and_not_for_names() -> None:
    makers = {"huawei": Company("huawei", "Huawei", Role.MAKER, (Alias("Huawei"),))}
    broken = EventRule(Event.DEAL, words=("signs",), needs=("a … b",))
    matcher = Matcher(Catalogue(companies=makers, event_rules=(broken,)))

    assert [one.company for one in matcher.name("Huawei signs").mentions] == ["huawei"]
    with pytest.raises(FrameInvalid):
        matcher.watching([watched_company("Fairphone")]).prepare()


def test_a_watched_company_is_found_beside_the_others(catalogue: Catalogue) -> None:
    fairphone = Company("fairphone", "Fairphone", Role.OTHER, (Alias("Fairphone"),))

    verdict = Matcher(catalogue, watched=[fairphone]).match("Fairphone follows Huawei")

    assert (verdict.makers, verdict.others) == (("huawei",), ("fairphone",))


def test_news_for_watchers_says_so(catalogue: Catalogue) -> None:
    matcher = Matcher(catalogue, watched=[watched_company("Fairphone")])

    verdict = matcher.match("Fairphone mends itself")

    assert "news for those who watch Fairphone: named up front" in verdict.reasons
    assert tell_verdict(verdict, matcher.name_of).startswith(
        "Flagged for those who watch Fairphone; event: "
    )


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


def test_names_one_inside_the_other_are_read_only_so_far_in_a_text_made_for_them(
    catalogue: Catalogue,
) -> None:
    names = tuple(Alias("中" * length) for length in range(1, 31))
    nested = Company("nested", "中", Role.OTHER, names)

    found = Matcher(catalogue, watched=[nested]).match("中" * MAX_TEXT)

    assert found.others == ("nested",)
    # Past the first letters each ends as many names as there are.
    assert found.mentions[-1].end <= MAX_FOUND / len(names) + len(names)
