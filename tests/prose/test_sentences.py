"""Where a sentence ends, and where it only looks so."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.prose import iter_sentences, iter_spans


def split(text: str) -> list[str]:
    return list(iter_sentences(text))


@pytest.mark.parametrize(
    "sentence",
    [
        "Rules in the U.S. Senate may change.",
        "The F.C.C. Enforcement unit acted.",
        "Example Inc. Chairman Ann Lee resigned.",
        "Parts come from Sample Corp. Vietnam.",
        "Foo Electronics Co. Ltd. Shenzhen won.",
        "The No. 2 carrier by users grew.",
        "It opens on Feb. 18 in Ohio.",
        "The talk is at 2 p.m. Pacific time.",
        "It costs $4.98 at Shop.example today.",
        "Some firms, i.e. Huawei, objected.",
        "Others, e.g. Verizon, did not.",
        "Mr. Yu spoke to Dr. Wu.",
        "George W. Bush and J. Smith met.",
        "Smaller firms in Mont. and Wyo. complained.",
        "He paid Rs. 500 for it.",
        "Example et al. Physics found it.",
        "Huawei vs. Verizon went to court.",
        "“Is it over?” he asked in St. Louis.",
        "Yahoo! Finance reported it.",
        "It has a 6.7-in. OLED screen.",
        "1. Huawei takes the lead.",
        "Fans said “wow!” and left.",
        "The letter, signed by J. P. Ordway, gives no reason.",
        "The case was Roe v. Sample Trading.",
        "A 5 in. Huawei screen broke.",
        "He left at 9 a.m. Pacific time on Friday.",
        "Sample Inc. President Luz Ortiz resigned.",
        "El Sr. Pérez viajó a EE. UU. Después, p. ej., a Cuba con D. Juan.",
        "Contar, S. A., firmó el art. 5 y la pág. 3.",
        "Das Gerät kommt am 3. März, z. B. Huawei liefert ca. 5 Mio. Stück.",
        "Компания заплатила 5 млн. Samsung и ул. Ленина, т. е. А. Попов.",
        "“It is over. We go,” he said.",
        "«Escuchamos. Y volvemos», dijo Ana.",
        'He said: "We know. We wait" and left.',
    ],
)
def test_no_sentence_is_cut_at_an_abbreviation(sentence: str) -> None:
    assert split(f"It began. {sentence} It ended.") == ["It began.", sentence, "It ended."]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It sells in the U.S. The price is low.", ["It sells in the U.S.", "The price is low."]),
        ("He joined Foo Inc. It pays.", ["He joined Foo Inc.", "It pays."]),
        ("They sued Foo Co. Mr. Yu won.", ["They sued Foo Co.", "Mr. Yu won."]),
        ("We left at 2 p.m. Then it rained.", ["We left at 2 p.m.", "Then it rained."]),
        ("She has hepatitis A. Officials know.", ["She has hepatitis A.", "Officials know."]),
        ("He said no. Then he left.", ["He said no.", "Then he left."]),
        ("It ended in Dec. The rest waits.", ["It ended in Dec.", "The rest waits."]),
        ("Sales fell. iPhone sales rose.", ["Sales fell.", "iPhone sales rose."]),
        ("“It is off.” AT&T agreed.", ["“It is off.”", "AT&T agreed."]),
        ('He said: "Go!" They went.', ['He said: "Go!"', "They went."]),
        ("Why? Nobody knows!  Well…", ["Why?", "Nobody knows!", "Well…"]),
        ("It was 2013. Huawei grew.", ["It was 2013.", "Huawei grew."]),
        ("One line\n\nAnother line", ["One line", "Another line"]),
        ("A . B .", ["A .", "B ."]),
        (
            "Doors open at 10 a.m. Verizon hired guards.",
            ["Doors open at 10 a.m.", "Verizon hired guards."],
        ),
        (
            "They belong to Foo Inc. Foo sells cases.",
            ["They belong to Foo Inc.", "Foo sells cases."],
        ),
        ("It has a trade-in. OnePlus pays.", ["It has a trade-in.", "OnePlus pays."]),
        ("He opened “it and left. They went.", ["He opened “it and left.", "They went."]),
        ("¿Qué pasó? ¡Nada! Todo sigue.", ["¿Qué pasó?", "¡Nada!", "Todo sigue."]),
    ],
)
def test_sentences_end_where_the_next_begins(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_chinese_and_japanese_need_no_space() -> None:
    assert split("华为与运营商谈崩。“结束了。”他说！原因？不明。") == [
        "华为与运营商谈崩。",
        "“结束了。”",
        "他说！",
        "原因？",
        "不明。",
    ]
    assert split("「終わった。」と言った。次の話。") == ["「終わった。」と言った。", "次の話。"]


def test_a_mark_inside_a_title_or_a_name_ends_nothing() -> None:
    assert split("节目《接下来呢？》周五播出。完了。") == ["节目《接下来呢？》周五播出。", "完了。"]
    assert split("番組『次は？』が始まった。次。") == ["番組『次は？』が始まった。", "次。"]
    assert split("Yahoo！ニュースが報じた。次。") == ["Yahoo！ニュースが報じた。", "次。"]
    assert split("（彼は言った。帰れ。）") == ["（彼は言った。帰れ。）"]


def test_narrow_marks_between_kana_and_han_end_a_sentence() -> None:
    assert split("なぜ今か?発表は金曜だ!次。") == ["なぜ今か?", "発表は金曜だ!", "次。"]


def test_latin_abbreviations_are_known_inside_japanese() -> None:
    assert split("争点は特許No. 2だ。ZTE Corp.が勝った。") == [
        "争点は特許No. 2だ。",
        "ZTE Corp.が勝った。",
    ]


def test_a_full_stop_before_a_small_letter_ends_nothing() -> None:
    assert split("Up to 10% of . autistic children.") == ["Up to 10% of . autistic children."]


def test_nothing_has_no_sentences() -> None:
    assert split("") == split("  \n ") == []


@given(st.text(alphabet="aB. !?…。」\"'\n1U.S", max_size=120))
def test_nothing_but_white_space_is_lost(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())


@given(st.text(alphabet="aB. !?…。」\"'\n1U.S", max_size=120))
def test_a_span_is_where_its_sentence_stands(text: str) -> None:
    spans = list(iter_spans(text))

    assert [text[start:end] for start, end in spans] == split(text)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
