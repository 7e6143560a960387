"""What holds for every text: the scanner equals brute force, places point back, nothing raises.

The rules are written out again here, slowly and without the code under test. Texts and
phrases are made of what breaks matchers: Han, kana, Thai, accents, full-width forms, soft
hyphens, zero-width characters, halves of surrogate pairs, letters that fold to two.
"""

from __future__ import annotations

import itertools
import unicodedata
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.errors import FeedUnreadable
from bot.matching import Matcher, flag_line
from bot.matching.folding import MARK, Folded, fold, fold_phrase, mark
from bot.matching.scanner import Found, Scanner, scanned
from bot.model import Match
from bot.parsing import parse_feed
from tests.parsing.test_real_feeds import find_documents

ODD = (
    *"aabs A&&.'’-*12  中の가กжßıİﬁＡ㍿²½|",
    *"\u0301\u0327\u00ad\u200b\u2011\u3000\t\n\x00\x1f\ufe32\ufe0f™\ud83d\ude00\U00010400",
    "&amp;",
    " & ",
    "&#38;",
    "amp;",
    "😀",
)
NAMES = (
    "Huawei",
    "AT&T",
    "AT &amp; T",
    "Sprint",
    "荣耀",
    "小米",
    "Mi",
    "T\u2011Mobile",
    "Honor",
    "Vivo",
)
WORDS = (
    "phone",
    "merger",
    " deal ",
    "'s ",
    "no longer sells",
    "race",
    "5G",
    "。",
    ". ",
    " vs ",
    "$2bn",
)
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "IDEOGRAPHIC")

phrases = st.lists(st.sampled_from(ODD), min_size=1, max_size=4).map("".join)
anything = st.text(st.characters(exclude_categories=()), max_size=60)
odd_texts = st.lists(st.sampled_from(ODD) | phrases, max_size=25).map("".join)
newsy = st.lists(st.sampled_from(NAMES + WORDS + ODD), max_size=25).map("".join)
often = settings(max_examples=400, derandomize=True, deadline=None)
sometimes = settings(max_examples=150, derandomize=True, deadline=None)


@st.composite
def scans(draw: st.DrawFn) -> tuple[set[str], str]:
    """Phrases, and a text that has some of them in it."""
    wanted = draw(st.sets(phrases.filter(lambda p: scanned(p).strip("*")), min_size=1, max_size=8))
    pieces = st.sampled_from((*sorted(wanted), *ODD, "s", "s ", " ", "a"))
    return wanted, "".join(draw(st.lists(pieces, max_size=20)))


def is_part_of_words(char: str) -> bool:
    """A letter, digit or accent, of a script that puts spaces between its words."""
    spaced = not unicodedata.name(char, "").startswith(UNSPACED)
    return spaced and unicodedata.category(char)[0] in "LMN"


def are_one_word(text: str, place: int) -> bool:
    """Whether the characters on both sides of ``place`` belong to one word."""
    inside = 0 < place < len(text)
    return inside and is_part_of_words(text[place - 1]) and is_part_of_words(text[place])


def find_all_by_hand(wanted: set[str], text: str) -> list[Found]:
    """Every phrase tried at every place."""
    found = []
    for phrase, start in itertools.product(sorted(map(scanned, wanted)), range(len(text))):
        plain = phrase.rstrip("*")
        end = start + len(plain)
        if not text.startswith(plain, start) or are_one_word(text, start):
            continue
        if phrase != plain or not are_one_word(text, end):
            found.append(Found(phrase, start, end))
        elif text[end] == "s" and not are_one_word(text, end + 1):
            found.append(Found(phrase, start, end, is_plural=True))
    return sorted(set(found), key=lambda hit: (hit.start, -hit.end, hit.phrase))


def find_by_hand(wanted: set[str], text: str) -> list[Found]:
    """From the left, the longest; then on from its end."""
    left = find_all_by_hand(wanted, text)
    kept: list[Found] = []
    while left:
        kept.append(left[0])
        left = [hit for hit in left if hit.start >= kept[-1].end]
    return kept


@often
@given(scans())
@example(({"a", "aa", "aaa"}, "aaaa aaa"))
@example(({"as", "a", "as*", "a*"}, "as ass a"))
@example(({"at&t"}, "为AT & T定制"))
def test_the_scanner_finds_what_trying_every_phrase_everywhere_finds(
    scan: tuple[set[str], str],
) -> None:
    wanted, text = scan
    folded = fold(text)
    scanner = Scanner(wanted)

    assert list(scanner.find_all(folded)) == find_all_by_hand(wanted, folded.text)
    assert list(scanner.find(folded)) == find_by_hand(wanted, folded.text)


@often
@given(scans())
def test_a_finding_shown_in_the_original_folds_to_its_phrase(scan: tuple[set[str], str]) -> None:
    wanted, text = scan
    folded = fold(text)

    for hit in Scanner(wanted).find_all(folded):
        begin, end = folded.span(hit.start, hit.end)
        shown = fold(text[begin:end]).text
        plain = hit.phrase.rstrip("*")
        # One character may have become several ("㍿" is four): all of it is shown.
        if shares_its_origin(folded, hit.start) or shares_its_origin(folded, hit.end):
            assert plain in shown
        else:
            assert shown == plain


def shares_its_origin(folded: Folded, place: int) -> bool:
    """Whether the characters on both sides of ``place`` came from one."""
    inside = 0 < place < len(folded.text)
    return inside and folded.origin[place - 1] == folded.origin[place]


@often
@given(odd_texts | anything)
def test_every_folded_character_points_back_to_what_it_was(text: str) -> None:
    folded = fold(text)
    origin = list(folded.origin)

    assert len(origin) == len(folded.text)
    assert origin == sorted(origin)
    assert all(0 <= place < len(text) for place in origin)
    for char, place in zip(folded.text, origin, strict=True):
        assert char in fold(text[place]).text


@often
@given(odd_texts | anything)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text).text

    assert fold(once).text == once
    assert fold_phrase(fold_phrase(text)) == fold_phrase(text)


def test_every_character_there_is_folds_to_what_stays() -> None:
    every = fold("".join(map(chr, range(0x110000))))

    assert fold(every.text).text == every.text
    assert MARK not in every.text
    every.text.encode()  # the automaton reads UTF-8


@often
@given(odd_texts | anything)
def test_marks_stand_around_words_and_nowhere_else(text: str) -> None:
    folded = fold(text).text
    marked = mark(folded)

    assert marked.replace(MARK, "") == folded
    words = ["".join(w) for is_word, w in itertools.groupby(folded, is_part_of_words) if is_word]
    assert [part for part in marked.split(MARK) if part and is_part_of_words(part[0])] == words


def assert_places_are_right(verdict: Match, **fields: str) -> None:
    for mention in verdict.mentions:
        text = fields[mention.where]
        assert 0 <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
    for rejection in verdict.rejections:
        assert fields[rejection.where][rejection.start : rejection.end] == rejection.text


@sometimes
@given(
    title=newsy | anything,
    summary=newsy | anything,
    body=newsy | anything,
    lang=anything,
    country=anything,
)
@example(
    title="\ud83d Huawei \ude00",
    summary="AT&T\x00Sprint",
    body="\udfff",
    lang="\ud800",
    country="ß",
)
def test_any_text_gets_a_verdict_whose_places_are_right(
    matcher: Matcher, *, title: str, summary: str, body: str, lang: str, country: str
) -> None:
    verdict = matcher.match(title, summary, body, lang=lang, outlet_country=country)

    assert_places_are_right(verdict, title=title, summary=summary, body=body)


numbers = st.integers() | st.floats(allow_nan=False)
values = st.none() | st.booleans() | numbers | newsy | st.lists(newsy, max_size=2)


@sometimes
@given(item=st.dictionaries(st.sampled_from(("id", "title", "desc", "body", "lang")), values))
def test_any_line_gets_a_verdict(matcher: Matcher, item: dict[str, Any]) -> None:
    assert flag_line(matcher, item)["id"] == item.get("id")


def test_long_texts_get_a_verdict(matcher: Matcher) -> None:
    for piece in (
        "Huawei AT&T ",
        "Huawei",
        "& &amp; ",
        "小米",
        "e\u0301",
        "\x00",
        "Sprint's ",
        "((",
        "’",
    ):
        text = piece * (100_000 // len(piece))

        assert_places_are_right(
            matcher.match(text, text, text), title=text, summary=text, body=text
        )


def test_every_entry_of_real_feeds_gets_a_verdict(matcher: Matcher, shared: Path) -> None:
    read = 0
    for row in find_documents(shared):
        document = shared / "feeds" / row["file"]
        try:
            parsed = parse_feed(document.read_bytes(), url="https://feeds.example/rss")
        except FeedUnreadable:
            continue
        for entry in parsed.entries:
            verdict = matcher.match(entry.title, entry.summary)
            assert_places_are_right(verdict, title=entry.title, summary=entry.summary)
            read += 1

    assert read > 2_800
