from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.folding import Folded, fold, is_letter
from bot.matching.scanner import OPEN_END, Found, Scanner

LETTERS = "abs&. 中*"


def find_by_hand(phrases: set[str], text: Folded) -> list[Found]:
    """Every phrase tried at every place, then leftmost and longest: the rule, word for word."""
    found: list[Found] = []
    start = 0
    while start < len(text.text):
        here = [hit for p in phrases if (hit := hit_by_hand(p, text.text, start)) is not None]
        if here:
            longest = max(here, key=lambda hit: (hit.end, not hit.phrase.endswith(OPEN_END)))
            found.append(longest)
        start = found[-1].end if here else start + 1
    return found


def hit_by_hand(phrase: str, text: str, start: int) -> Found | None:
    plain = phrase.rstrip(OPEN_END)
    end = start + len(plain)
    if text[start:end] != plain:
        return None
    before, after, later = text[max(0, start - 1) : start], text[end : end + 1], text[end + 1 :]
    if before and is_letter(before) and is_letter(plain[0]):
        return None
    if phrase.endswith(OPEN_END) or not after or not (is_letter(after) and is_letter(plain[-1])):
        return Found(phrase, start, end)
    if after == "s" and not (later and is_letter(later[0])):
        return Found(phrase, start, end, is_plural=True)
    return None


@given(
    st.sets(st.text(alphabet="abs中", min_size=1, max_size=4), min_size=1, max_size=8),
    st.text(alphabet=LETTERS, max_size=40),
)
def test_the_automaton_finds_what_trying_every_phrase_everywhere_finds(
    phrases: set[str], text: str
) -> None:
    folded = fold(text)

    assert list(Scanner(phrases).find(folded)) == find_by_hand(phrases, folded)


def test_open_ends_take_any_ending_and_find_all_keeps_what_overlaps() -> None:
    scanner = Scanner(["smartfon*", "nowy smartfon", "nowy"])

    found = scanner.find_all(fold("Nowy smartfonami"))

    assert [(hit.phrase, hit.start, hit.end) for hit in found] == [
        ("nowy", 0, 4),
        ("smartfon*", 5, 13),
    ]


def test_a_longer_phrase_that_is_part_of_a_word_hides_no_shorter_one() -> None:
    (hit,) = Scanner(["honor", "honor ma"]).find(fold("Honor Magic"))

    assert (hit.phrase, hit.end) == ("honor", 5)


def test_a_plural_counts_and_its_s_is_not_in_the_span() -> None:
    (hit,) = Scanner(["huawei"]).find(fold("Two Huaweis"))

    assert (hit.start, hit.end, hit.is_plural) == (4, 10, True)


@pytest.mark.parametrize("phrase", ["", "  ", "*"])
def test_an_empty_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="everywhere"):
        Scanner([phrase])
