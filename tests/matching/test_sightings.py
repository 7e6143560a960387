from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.folding import fold
from bot.matching.passages import Passage
from bot.matching.sightings import Tracer
from bot.model import Mention, Role
from tests.builders import mention


def tracer(*frames: str) -> Tracer:
    """One rule for each frame."""
    made = Tracer([(frame,) for frame in frames])
    made.close()
    return made


def found(frame: str, text: str, *mentions: Mention, where: str = "title") -> list[str]:
    """What of ``text`` each finding of ``frame`` covers, its parts joined by "/"."""
    made = tracer(frame)
    passage = Passage(where, text, fold(text))
    traces = [trace for _, trace in made.trace(made.see(passage, mentions))]
    assert [len(trace) for trace in traces] == [len(traces[0])] * len(traces) if traces else True
    return ["/".join(passage.folded.text[a:b] for a, b in trace) for trace in traces]


def test_parts_stand_in_order_with_words_between_them() -> None:
    assert found("won't … sell", "Shop won't after all sell it") == ["won't/sell"]
    assert found("won't … sell", "To sell it won't do") == []


@pytest.mark.parametrize(("between", "expected"), [(58, 1), (59, 0)])
def test_parts_stand_no_farther_apart_than_the_frame_reaches(between: int, expected: int) -> None:
    assert len(found("won't … sell", f"won't {'x' * between} sell")) == expected


@pytest.mark.parametrize("end", [". ", "! ", "? ", "; ", "。", " | "])
def test_a_frame_ends_with_its_sentence(end: str) -> None:
    assert found("won't … sell", f"They won't{end}Others sell") == []


@pytest.mark.parametrize("text", ["won't, says Foo Inc. today, sell", "won't in the U.S. sell"])
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    assert found("won't … sell", text) == ["won't/sell"]


def test_parts_side_by_side_may_have_a_possessive_between_them() -> None:
    text = "AT&T's plan"
    att = mention("AT&T", Role.CARRIER, within=text)

    assert found("<carrier> plan", text, att) == ["at&t/plan"]
    assert found("<carrier> plan", "AT&T has no plan", att) == []


def test_a_name_fills_the_slot_of_its_role_and_that_of_any_company() -> None:
    text = "Verizon drops Huawei"
    names = [
        mention("Verizon", Role.CARRIER, within=text),
        mention("Huawei", Role.MAKER, within=text),
    ]

    assert found("<carrier> … <maker>", text, *names) == ["verizon/huawei"]
    assert found("<maker> … <carrier>", text, *names) == []
    assert found("drops <company>", text, *names) == ["drops/huawei"]
    assert found("drops <company>", text) == []


def test_a_name_stands_where_it_stands_in_the_original() -> None:
    text = "Ｖｅｒｉｚｏｎ &amp; Co drops  Huawei"
    huawei = mention("Huawei", Role.MAKER, within=text)

    assert found("drops <maker>", text, huawei) == ["drops/huawei"]


def test_words_of_a_carriers_name_say_nothing() -> None:
    text = "Spectrum Mobile buys spectrum"
    name = mention("Spectrum Mobile", Role.CARRIER, within=text)

    assert found("spectrum", text, name) == ["spectrum"]
    assert len(found("spectrum", text)) == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("for $99.99 now", "<money>"),
        ("for US$ 99 now", "<money>"),
        ("for Rs. 9,999 now", "<money>"),
        ("za 499 zł", "<money>"),
        ("只要 1999元", "<money>"),
        ("up 40% now", "<percent>"),
        ("up 40 percent now", "<percent>"),
        ("after 40 days", "<number>"),
    ],
)
def test_a_figure_fills_the_slot_of_its_kind_alone(text: str, kind: str) -> None:
    kinds = ("<money>", "<percent>", "<number>")

    assert [slot for slot in kinds if found(slot, text)] == [kind]


def test_a_number_inside_a_name_is_no_figure() -> None:
    assert found("<number>", "The x100 is here") == []


@pytest.mark.parametrize(
    "text",
    ["Best deals", "“Best deals”", "Friday: best deals", "Today - best deals", "Hm. Best deals"],
)
def test_the_start_is_that_of_the_title_or_of_its_half(text: str) -> None:
    assert found("^best … deals", text) == ["best/deals"]


@pytest.mark.parametrize("text", ["The best deals", "Mobile-best deals"])
def test_the_middle_is_no_start(text: str) -> None:
    assert found("^best … deals", text) == []


@pytest.mark.parametrize(
    "text", ["Phone review", "Phone review: quick", "Phone review - Example News", "A review."]
)
def test_the_end_is_that_of_the_title_or_of_its_half(text: str) -> None:
    assert found("review$", text) == ["review"]


def test_the_middle_is_no_end_and_a_summary_has_none() -> None:
    assert found("review$", "A review board") == []
    assert found("review$", "Our review", where="summary") == []
    assert found("^review", "Review of it", where="summary") == []


def test_only_the_first_characters_are_read_where_a_limit_is_set() -> None:
    made = tracer("deal")
    passage = Passage("summary", "x" * 20 + " deal", fold("x" * 20 + " deal"))

    assert made.trace(made.see(passage, limit=20)) == []
    assert len(made.trace(made.see(passage, limit=25))) == 1


FRAMES = (
    "^no … <maker>",
    "won't … (sell|carry)$",
    "no",
    "a … a … a",
    "drop~ … 协议",
    "<number> … ?",
)


@given(st.text(alphabet="no a.won't sell drops?! 协议:|7é\u0130ß"), st.data())
def test_whatever_the_text_findings_stand_in_order_inside_it(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    end = data.draw(st.integers(start, len(text)))
    names = [Mention("huawei", Role.MAKER, start, end, text[start:end])] if end > start else []
    made = tracer(*FRAMES)
    passage = Passage("title", text, fold(text))

    for rule, trace in made.trace(made.see(passage, names)):
        places = [place for span in trace for place in span]
        assert places == sorted(places), FRAMES[rule]
        assert 0 <= places[0] <= places[-1] <= len(passage.folded.text)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("$40 off", ["<money>"]),
        ("$2.9bn bid", ["<money>", "<sum>"]),
        ("€300 million bid", ["<money>", "<sum>"]),
        ("300 million users", ["<number>"]),
        ("$300 bandwidth", ["<money>"]),
    ],
)
def test_money_in_millions_is_a_sum_besides(text: str, slots: list[str]) -> None:
    every = ("<money>", "<sum>", "<percent>", "<number>")

    assert [slot for slot in every if found(slot, text)] == slots


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Huawei 90 Pro+ 5G (2027)", "huawei 90 pro+ 5g (2027)"),
        ("Huawei Axis 7", "huawei axis 7"),
        ("Huawei Ultra: bright", "huawei ultra"),
    ],
)
def test_a_product_is_a_name_with_its_numbers(text: str, model: str) -> None:
    huawei = mention("Huawei", Role.MAKER, within=text)

    assert found("<model>", text, huawei) == [model]
    assert found("^<model>$", text, huawei) == [model]


@pytest.mark.parametrize("text", ["Huawei", "Huawei sells tablets", "Huawei profits rise"])
def test_a_name_alone_is_no_product(text: str) -> None:
    assert found("<model>", text, mention("Huawei", Role.MAKER, within=text)) == []
