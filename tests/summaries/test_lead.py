"""One or two whole sentences that say what happened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Match, Role
from bot.summaries import is_teaser, summarise, summarise_best, summary_line
from tests.builders import mention

HUAWEI = "Huawei will not sell its phone through a U.S. carrier after all."
FILLER = "Analysts had expected a million units in the first year."
QUOTE = "Nobody at the trade show wanted to say more about the reasons."
ATT = "AT&T Inc. backed out of the plan on Feb. 18."
NAMES = {"huawei": ["Huawei"], "att": ["AT&T"]}


def test_the_first_two_sentences_lead() -> None:
    assert summarise(f"{HUAWEI} {FILLER} {QUOTE}") == f"{HUAWEI} {FILLER}"


def test_every_company_the_text_names_is_named() -> None:
    assert summarise(f"{HUAWEI} {FILLER} {QUOTE} {ATT}", names=NAMES) == f"{HUAWEI} {ATT}"


def test_one_sentence_that_names_all_is_enough_for_them() -> None:
    both = "AT&T dropped Huawei."

    assert both in summarise(f"{FILLER} {QUOTE} {both}", names=NAMES)


def test_a_form_inside_a_longer_word_names_nobody() -> None:
    names = {"honor": ["Honor"]}
    text = f"{FILLER} {QUOTE} The Honorary chair left. Honor has a new chief."

    assert summarise(text, names=names).endswith("Honor has a new chief.")


def test_chinese_names_need_no_boundary() -> None:
    text = "这一天天气很好。许多人上街购物。市场反应平静。消息称华为将退出合作。"

    assert "消息称华为将退出合作。" in summarise(text, names={"huawei": ["华为"]})


def test_companies_that_no_sentence_names_are_no_matter() -> None:
    assert summarise(HUAWEI, names={"zte": ["ZTE"], "none": []}) == HUAWEI


def test_sentences_keep_their_order() -> None:
    assert summarise(f"{ATT} {FILLER} {QUOTE} {HUAWEI}", names=NAMES) == f"{ATT} {HUAWEI}"


def test_what_repeats_the_headline_is_left_out() -> None:
    title = "Huawei will not sell its phone through a U.S. carrier"

    assert summarise(f"{HUAWEI} {FILLER}", title=title) == FILLER
    assert summarise(HUAWEI, title=title) == ""


def test_what_repeats_an_earlier_sentence_is_left_out() -> None:
    again = "Huawei will not sell the phone through a U.S. carrier."

    assert summarise(f"{HUAWEI} {again} {FILLER}") == f"{HUAWEI} {FILLER}"


def test_boilerplate_is_no_summary() -> None:
    text = f"NEW YORK, Jan 8 (Reuters) - {HUAWEI} Photo by Jane Doe. {FILLER} Read more »"

    assert summarise(text) == f"{HUAWEI} {FILLER}"
    assert summarise("Read more »") == summarise("") == summarise("…") == ""


def test_two_sentences_that_are_too_long_together_give_one() -> None:
    assert summarise(f"{HUAWEI} {FILLER}", max_chars=len(HUAWEI)) in {HUAWEI, FILLER}


def test_two_sentences_may_fill_the_limit_exactly() -> None:
    both = f"{HUAWEI} {FILLER}"

    assert summarise(both, max_chars=len(both)) == both


def test_a_sentence_the_feed_broke_off_gives_way_to_whole_ones() -> None:
    assert summarise(f"{HUAWEI} Analysts had expected...") == HUAWEI


def test_broken_text_alone_keeps_its_dots() -> None:
    assert summarise("Huawei had planned to sell its flagship phone [...]") == (
        "Huawei had planned to sell its flagship phone…"
    )


def test_a_lone_sentence_that_is_too_long_breaks_off_after_a_word() -> None:
    text = "Huawei said " + "very " * 100 + "little."

    summary = summarise(text, max_chars=60)

    assert summary == "Huawei said " + "very " * 8 + "very…"
    assert len(summary) <= 60


def test_chinese_breaks_off_between_characters() -> None:
    assert summarise("华为" * 40 + "。", max_chars=21) == "华为" * 10 + "…"


def test_a_sentence_that_points_back_is_not_torn_from_what_it_points_to() -> None:
    pointing = "It will cost $799 and comes with the longest warranty of all such phones."
    text = f"{HUAWEI} {FILLER} {QUOTE} {pointing} {ATT}"

    assert pointing not in summarise(text, names=NAMES)


DROPPED = "Verizon has dropped the ZTE Axon 9 phone."
DROPS = "Verizon drops ZTE Axon 9 phone"
PARTIES = {"zte": ["ZTE"], "verizon": ["Verizon"]}


@pytest.mark.parametrize("pointing", ["It gave no reason.", "The carrier named security concerns."])
def test_what_hangs_on_a_repeat_of_the_headline_brings_it_back(pointing: str) -> None:
    text = f"{DROPPED} {pointing}"

    assert summarise(text, title=DROPS, names=PARTIES) == text
    assert is_teaser(text, title=DROPS, names=PARTIES)


def test_what_hangs_on_a_sentence_that_is_not_told_is_not_told() -> None:
    heading = "Verizon drops ZTE Axon 9 phone\n\n"
    chain = "It gave no reason. They will meet again next week in Geneva."

    assert summarise(f"{heading}It gave no reason.", title=DROPS) == ""
    assert is_teaser(f"{heading}It gave no reason.", title=DROPS)
    assert summarise(f"{DROPPED} {chain}", title=DROPS) == f"{DROPPED} It gave no reason."
    assert summarise(f"{DROPPED} It gave no reason.", title=DROPS, max_chars=50) == ""


def test_news_that_names_all_stands_before_what_hangs_on_a_repeat() -> None:
    news = "Verizon and ZTE had argued for months about the price and the warranty."

    told = summarise(f"{DROPPED} It gave no reason. {news}", title=DROPS, names=PARTIES)

    assert told == news


def test_a_text_of_news_wins_over_one_that_repeats_the_headline() -> None:
    news = "Verizon and ZTE had argued for months about the price and the warranty."
    teaser = f"{DROPPED} It gave no reason."

    assert summarise_best([teaser, news], title=DROPS, names=PARTIES) == news
    assert summarise_best([teaser, "Shares fell."], title=DROPS, names=PARTIES) == teaser


def test_a_company_described_parts_from_its_sentence_only_for_the_name_of_another() -> None:
    names = {**PARTIES, "metro": ["Metro"], "boost": ["Boost"]}
    described = "The carrier had told ZTE of its worries in May."
    other = "Metro and Boost will sell the phone all the same."

    told = summarise(f"{DROPPED} {described}", title=DROPS, names=PARTIES)
    told_of_more = summarise(f"{DROPPED} {described} {other}", title=DROPS, names=names)

    assert told == f"{DROPPED} {described}"
    assert told_of_more == f"{described} {other}"


def test_a_text_may_begin_as_its_writer_began_it() -> None:
    assert summarise("It is a first for the carrier Verizon.") != ""


@pytest.mark.parametrize(
    "text",
    [
        f"{HUAWEI} {ATT}",
        "Example Co. Ltd. sold 1.5 million units, i.e. a third, at 2 p.m. in the U.S. on Friday.",
    ],
)
def test_what_is_short_and_whole_stays_verbatim(text: str) -> None:
    assert summarise(text) == text


def test_a_heading_without_a_stop_gives_way_to_sentences() -> None:
    assert summarise(f"Live all day long from the trade show\n\n{HUAWEI}") == HUAWEI


def test_a_lone_sentence_without_a_stop_is_taken_as_it_is() -> None:
    text = "Huawei loses its last carrier in the United States"

    assert summarise(text) == text
    assert summarise("Minute by minute") == ""


def test_the_headline_in_other_forms_of_its_words_is_left_out() -> None:
    title = "Hisense and Tracfone extend supply pact"
    text = f"Hisense and Tracfone have extended their supply pact. {FILLER}"

    assert summarise(text, title=title) == FILLER


def test_far_down_only_a_sentence_with_a_name_is_chosen() -> None:
    fillers = [f"Number {word} opened the doors of a shop." for word in ["one", "two", "three"]]
    more = [
        f"A {word} passed by in silence." for word in ["cat", "dog", "bird", "fish", "horse", "cow"]
    ]

    assert ATT in summarise(" ".join([*fillers, *more, ATT]), names=NAMES)
    assert ATT not in summarise(" ".join([*fillers, *more, ATT]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Read more »",
        HUAWEI.removesuffix("after all.") + "after […]",
        f"{HUAWEI} {FILLER} Nobody at the…",
        "Huawei will not sell its phone through a U.S. carrier.",
        f"{QUOTE} {FILLER}",
    ],
)
def test_what_is_not_enough_is_a_teaser(text: str) -> None:
    title = "Huawei will not sell phone through U.S. carrier"

    assert is_teaser(text, title=title, names=NAMES)


@pytest.mark.parametrize("text", [f"{HUAWEI} {FILLER}", f"{ATT} Huawei is silent. Read more »"])
def test_whole_sentences_that_name_who_the_headline_names_are_no_teaser(text: str) -> None:
    assert not is_teaser(text, title="Huawei loses a friend", names=NAMES)


def test_a_company_that_only_the_text_could_name_makes_no_teaser() -> None:
    assert not is_teaser(HUAWEI, title="Huawei loses a friend", names=NAMES)


def test_the_text_that_names_most_companies_wins() -> None:
    assert summarise_best([HUAWEI, f"{HUAWEI} {ATT}"], names=NAMES) == f"{HUAWEI} {ATT}"


def test_of_texts_that_name_the_same_the_first_wins() -> None:
    assert summarise_best([HUAWEI, f"{HUAWEI} {FILLER}"], names=NAMES) == HUAWEI


def test_a_text_that_is_cut_gives_way_to_one_that_is_not() -> None:
    cut, whole = f"{HUAWEI} Nobody at the...", f"{HUAWEI} {FILLER}"

    assert summarise_best([cut, whole], names=NAMES) == whole
    assert summarise_best([cut], names=NAMES) == HUAWEI


def test_whole_sentences_win_over_more_names_in_broken_ones() -> None:
    broken = "Huawei and AT&T had planned to sell the phone in all of the..."

    assert summarise_best([broken, HUAWEI], names=NAMES) == HUAWEI
    assert summarise_best([broken, ""], names=NAMES).endswith("…")
    assert summarise_best(["", "Read more »"]) == summarise_best([]) == ""


@given(st.text(max_size=600), st.text(max_size=80), st.integers(min_value=20, max_value=400))
def test_a_summary_is_short_and_made_of_the_text(text: str, title: str, max_chars: int) -> None:
    summary = summarise(text, title=title, max_chars=max_chars)

    assert len(summary) <= max_chars
    left = iter("".join(text.split()))
    assert all(char in left for char in "".join(summary.split()).rstrip("…"))


def match_names(title: str, text: str) -> Match:
    """The two companies of these tests by their plain names."""
    found = [("Huawei", Role.MAKER, "huawei"), ("AT&T", Role.CARRIER, "att")]
    return Match(
        mentions=tuple(
            mention(name, role, within=text, company=company)
            for name, role, company in found
            if name in text
        )
    )


def test_a_text_that_names_nobody_in_front_is_matched_no_further() -> None:
    read: list[str] = []

    def match_nobody(title: str, text: str) -> Match:
        read.append(text)
        return Match()

    summary_line({"id": 1, "article": FILLER * 100}, match_nobody)

    assert [len(text) for text in read] == [1_000]


def test_a_line_takes_the_article_before_sentences_before_the_description() -> None:
    item = {"id": 7, "title": "T", "desc": HUAWEI, "sentences": [FILLER, QUOTE, HUAWEI, ATT]}

    assert summary_line(item, match_names) == {"id": 7, "summary": f"{HUAWEI} {ATT}"}
    assert summary_line({**item, "article": QUOTE}, match_names)["summary"] == QUOTE
    assert summary_line({"id": 7, "desc": HUAWEI}, match_names)["summary"] == HUAWEI
    assert summary_line({"id": 7, "title": None, "desc": None}, match_names)["summary"] == ""


@pytest.mark.parametrize(
    ("title", "sentence", "expected"),
    [
        ("Verizon to sell TCL 70 Pro", "Verizon will sell the TCL 70 Pro for $299.", True),
        (
            "Data breach hits 37M users of AT&T, carrier says",
            "The data breach hits 37 million users of AT&T, the carrier says.",
            False,
        ),
        ("ZTE cuts price to $1,299", "ZTE cuts the price to $1,299.", False),
        ("小米降价", "小米降价500元。", True),
    ],
)
def test_a_sum_that_the_headline_lacks_makes_a_repeat_news(
    title: str, sentence: str, expected: bool
) -> None:
    assert (summarise(sentence, title=title) == sentence) is expected
