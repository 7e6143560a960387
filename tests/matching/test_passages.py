from __future__ import annotations

import pytest

from bot.matching.folding import fold
from bot.matching.passages import (
    BODY,
    REACH,
    SUMMARY,
    TITLE,
    Neighbourhood,
    Neighbours,
    Passage,
    find_nearest,
    group_words,
    make_beside,
)
from bot.matching.scanner import Found, Scanner


def passage(text: str, *words: str, where: str = TITLE) -> Passage:
    folded = fold(text)
    found = Scanner(words).find_all(folded) if words else ()
    return Passage(where, text, folded, group_words(found))


def name_in(text: Passage, name: str = "Acme") -> Found:
    return Scanner([name]).find(text.folded)[0]


def beside(text: str, name: str = "Acme") -> Neighbours:
    read = passage(text)
    return Neighbours(read.folded.text, name_in(read, name))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("to Acme", "to"),
        ('he will "Acme', "will"),
        ("they (will Acme", "will"),
        ("to merge with Acme", "merge with"),
        ("the will. Acme", ""),
        ("willing Acme", ""),
        ("Acme", ""),
    ],
)
def test_the_words_right_before_a_name(text: str, found: str) -> None:
    assert beside(text).find_before(make_beside(["to", "will", "merge with"])) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Acme says", "says"),
        ("Acme's says", "says"),
        ("Acme (says", "says"),
        ("Acme teams up today", "teams up"),
        ("Acme teams played", ""),
        ("Acme zapowiedział", "zapowied"),
        ("Acme, says", ""),
        ("Acme M's screen", "m"),
        ("Acme", ""),
    ],
)
def test_the_words_right_after_a_name(text: str, found: str) -> None:
    words = make_beside(["says", "teams up", "zapowied*", "M"])

    assert beside(text).find_after(words) == found


def test_a_script_without_spaces_has_neighbours_too() -> None:
    name = beside("买海星手机好", "海星")

    assert name.find_before(make_beside(["买"])) == "买"
    assert name.find_after(make_beside(["手机"])) == "手机"
    assert name.find_after(make_beside(["机"])) == ""


@pytest.mark.parametrize(
    ("text", "product"),
    [("海星ThinkTab发布", "thinktab"), ("海星 Pro", "pro"), ("海星手机", ""), ("海星5", "")],
)
def test_a_latin_word_after_a_name_in_another_script(text: str, product: str) -> None:
    read = passage(text)

    assert read.product_after(name_in(read, "海星")) == product


def test_a_latin_word_after_a_latin_name_is_no_product() -> None:
    read = passage("Acme rises")

    assert read.product_after(name_in(read)) == ""


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("Acme rises", True),
        ("“Acme rises”", True),
        ("Report: Acme rises", True),
        ("It rains. Acme rises", True),
        ("So Acme rises", False),
    ],
)
def test_where_a_name_opens_a_sentence(text: str, opens: bool) -> None:
    read = passage(text)

    assert read.is_at_start(name_in(read)) is opens


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("Acme or Bolt", True),
        ("Acme, Bolt", True),
        ("Acme, and Bolt", True),
        ("Acme vs. Bolt", True),
        ("Acme & Bolt", True),
        ("Acme/Bolt", True),
        ("Acme's and Bolt", True),
        ("Acme 和 Bolt", True),
        ("Acme i Bolt", True),
        ("Acme Bolt", False),
        ("Acme. Bolt", False),
        ("Acme sells Bolt", False),
    ],
)
def test_two_names_are_joined_by_little_words(text: str, joined: bool) -> None:
    read = passage(text)

    assert read.joins(name_in(read), name_in(read, "Bolt")) is joined


def test_the_nearest_finding_is_apart_from_the_name_and_in_reach() -> None:
    def at(start: int) -> Found:
        return Found("word", start, start + 4)

    name = at(1000)
    edge = 1004 + REACH

    assert find_nearest([], name) is None
    assert find_nearest([name], name) is None
    assert find_nearest([at(900), at(990), at(1002), at(1050)], name) == at(990)
    assert find_nearest([at(900), at(1010)], name) == at(1010)
    assert find_nearest([at(edge)], name) == at(edge)
    assert find_nearest([at(edge + 1)], name) is None
    assert find_nearest([at(REACH - 1)], None) == at(REACH - 1)
    assert find_nearest([at(REACH)], None) is None


def test_which_fields_are_near_a_name() -> None:
    """The title has the summary's opening; the other two have the title, a body no summary."""
    texts = [
        passage("Acme phone", "phone", where=TITLE),
        passage("Acme tablet", "tablet", where=SUMMARY),
        passage("Acme radio", "radio", where=BODY),
    ]
    hood = Neighbourhood(texts)
    words = frozenset({"phone", "tablet", "radio"})

    near = {
        text.where: [
            word for word in sorted(words) if hood.find_word(frozenset({word}), hit, text.where)
        ]
        for text in texts
        for hit in [name_in(text)]
    }

    assert near == {
        TITLE: ["phone", "tablet"],
        SUMMARY: ["phone", "tablet"],
        BODY: ["phone", "radio"],
    }
    assert hood.find_word(words, name_in(texts[2]), BODY) == "radio"
