from __future__ import annotations

import html
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parsing import text as texts
from bot.parsing.text import (
    MAX_BODY,
    MAX_TITLE,
    clean_text,
    clean_title,
    drop_invisible,
    shorten,
    undo_double_encoding,
)

STORABLE = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.text(st.sampled_from("Huawei AT&T R&D 小米 Ärger 5G+ '\"()/:,.!?-"), max_size=60)


@pytest.mark.parametrize("word", ["AT&T", "R&D", "Q&A", "T&T", "5G&LTE"])
@pytest.mark.parametrize("times", [0, 1, 2])
def test_an_ampersand_word_reads_the_same_however_often_it_is_escaped(
    word: str, times: int
) -> None:
    escaped = word
    for _ in range(times):
        escaped = html.escape(escaped)

    assert clean_title(f"Huawei and {escaped} part") == f"Huawei and {word} part"
    assert clean_text(f"<p>Huawei and {escaped} part</p>", limit=99) == f"Huawei and {word} part"


@pytest.mark.parametrize("raw", ["AT & T", "AT &amp; T", "AT &amp;amp; T", "AT &#38; T"])
def test_a_spaced_ampersand_stays_spaced(raw: str) -> None:
    assert clean_title(raw) == "AT & T"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("AT&T; to sell the phone", "AT&T to sell the phone"),
        ("Huawei loses AT&amp;T;", "Huawei loses AT&T"),
        ("AT&T;'s plan", "AT&T's plan"),
        ("R&D; budgets grow", "R&D budgets grow"),
        ("Marks & Spencer; profits", "Marks & Spencer; profits"),
        ("Huawei leaves AT&T; Verizon is next", "Huawei leaves AT&T; Verizon is next"),
        ("华为失去AT&T; 小米继续", "华为失去AT&T; 小米继续"),
        ("Prices fall; sales rise", "Prices fall; sales rise"),
    ],
)
def test_only_the_semicolon_that_software_added_is_dropped(raw: str, read: str) -> None:
    assert clean_title(raw) == read


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("How <i>The Switch</i>’s launch went", "How The Switch’s launch went"),
        ("Price <span class='inr'>₹</span>4,000", "Price ₹4,000"),
        ("&lt;b&gt;Breaking:&lt;/b&gt; Mate 10", "Breaking: Mate 10"),
        ("&amp;lt;b&amp;gt;Breaking:&amp;lt;/b&amp;gt; Mate 10", "Breaking: Mate 10"),
        ("Two<br/>lines", "Two lines"),
        ("Mate 10<script>alert(1)</script> is out", "Mate 10 is out"),
        ("Why a < b and b > a", "Why a < b and b > a"),
        ("5 <6 &lt; 7", "5 <6 < 7"),
        ("The <unlikely> tag", "The <unlikely> tag"),
        ("Xiaomi <3 Verizon", "Xiaomi <3 Verizon"),
        ("I <b", "I <b"),
    ],
)
def test_tags_go_from_titles_and_other_angle_brackets_stay(raw: str, read: str) -> None:
    assert clean_title(raw) == read


def test_blocks_and_breaks_keep_words_apart_and_inline_tags_do_not() -> None:
    raw = "<p>One<b>Plus</b> in</p><ul><li>Verizon<li>T-Mobile</ul>stores<br>soon<div>now</div>"

    assert clean_text(raw, limit=99) == "OnePlus in\nVerizon\nT-Mobile\nstores\nsoon\nnow"


def test_what_is_not_for_readers_is_dropped() -> None:
    raw = (
        "<style>p{color:red}</style><p>Seen</p><script>track('x')</script><!-- a note -->"
        "<noscript>Enable scripts</noscript><iframe>frame</iframe><img alt='x' src='/p.gif'>"
    )

    assert clean_text(raw, limit=99) == "Seen"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("Revenue <5% and falling", "Revenue <5% and falling"),
        ("a <b without an end", "a <b without an end"),
        ("first\n\n  second\tthird", "first second third"),
        ("caf&eacute; &ldquo;Mate&rdquo; &#8230; &#x2014; &#150;", "café “Mate” … — –"),
        ("&lt;p&gt;Twice&lt;/p&gt;&lt;p&gt;escaped&lt;/p&gt;", "Twice\nescaped"),
        ("see http://wire.example/?a=1&copy=2&lt=3", "see http://wire.example/?a=1&copy=2&lt=3"),
        ("", ""),
    ],
)
def test_descriptions_become_plain_text(raw: str, read: str) -> None:
    assert clean_text(raw, limit=99) == read


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("Hua\u200bwei\u202e x\u00ad\x07y", "Huawei xy"),
        ("&#8203;Honor&zwnj;", "Honor"),
        ("Team \U0001f469\u200d\U0001f4bb wins", "Team \U0001f469\u200d\U0001f4bb wins"),
        ("love \u2764\ufe0f\u200d\U0001f525", "love \u2764\ufe0f\u200d\U0001f525"),
        ("A\u200dT", "AT"),
        ("\u200dA", "A"),
        ("\U0001f469\u200d", "\U0001f469"),
        ("half &#55357; and pair &#55357;&#56832;", "half and pair \U0001f600"),
    ],
)
def test_invisible_characters_go_and_emoji_stay_joined(raw: str, read: str) -> None:
    assert clean_title(raw) == read


def test_the_invisible_are_what_unicode_calls_control_format_and_surrogate() -> None:
    spaces = set("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85")
    missed = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if (unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs"} and chr(code) not in spaces)
        and drop_invisible(chr(code))
    ]
    taken = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in {"Cc", "Cf", "Cs", "Cn"}
        and not drop_invisible(chr(code))
    ]

    assert (missed, taken) == ([], [])


def test_piled_marks_are_cut_down_and_accents_are_kept() -> None:
    pile = "\u0327\u0328\u0329\u0330\u0331" * 9

    assert clean_title(f"X{pile}") == "X" + unicodedata.normalize("NFC", pile)[:3]
    assert clean_title("Việt Nam, e\u0301te\u0301") == "Việt Nam, été"


def test_text_encoded_twice_is_read_as_it_was_meant() -> None:
    assert clean_title("Razerâ€™s laptop") == "Razer’s laptop"
    assert clean_title("CÃ´te dâ€™IvoireÂ\xa0: Ã©galitÃ©") == "Côte d’Ivoire : égalité"


@given(STORABLE)
def test_whatever_is_encoded_twice_is_undone(text: str) -> None:
    holes = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    twice = "".join(
        chr(byte) if byte in holes else bytes([byte]).decode("cp1252") for byte in text.encode()
    )

    assert undo_double_encoding(twice) == text


@pytest.mark.parametrize("text", ["Müller & Söhne", "“Mate 10”", "Ärger", "华为", "Ça va, été"])
def test_text_encoded_once_stays(text: str) -> None:
    assert undo_double_encoding(text) == text


@given(PLAIN)
def test_escaping_a_plain_title_up_to_twice_changes_nothing(title: str) -> None:
    read = " ".join(title.split())

    assert clean_title(html.escape(title)) == read
    assert clean_title(html.escape(html.escape(title))) == read


@given(STORABLE | st.text(st.sampled_from("<>&;/#xlt amp'\"=b!-ÃÂ\u200d\n")))
def test_any_text_becomes_one_clean_line(raw: str) -> None:
    title = clean_title(raw)

    assert title == " ".join(title.split())
    assert len(title) <= MAX_TITLE
    assert unicodedata.is_normalized("NFC", title)
    assert not any(unicodedata.category(c) in {"Cc", "Cf"} and c != "\u200d" for c in title)


@given(st.text(st.sampled_from("ab \n"), max_size=60), st.integers(1, 40))
def test_shortened_text_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)

    assert len(short) <= limit
    assert text.startswith(short)


def test_text_is_cut_between_words_where_there_are_any() -> None:
    assert shorten("Huawei and Verizon", 12) == "Huawei and"
    assert shorten("Huawei and", 10) == "Huawei and"
    assert shorten("华为手机进入美国市场", 4) == "华为手机"


TAGS = st.one_of(
    st.sampled_from(["<p>", "</P>", "<br/>", "<br />", "<em>", "</h2>", "<h7>", "<px>", "<p-x>"]),
    st.sampled_from(
        ["<a href='x'>", '<img alt="a>b" src=y/>', "<a b=c d>", "<a b= c>", "<!-- -->"]
    ),
    st.sampled_from(
        ["<script>", "<svg a='<p>'>", "<\u017fpan>", "</\u017fpan>", "<p", "<>", "< p>"]
    ),
)
MARKUP = st.lists(TAGS | st.text(st.sampled_from("ab <>/=&;'\"")), max_size=12).map("".join)


@given(MARKUP, st.sampled_from([texts._STRAY_IN_HTML, texts._STRAY_IN_TITLE]))
def test_plain_tags_alone_are_dropped_as_all_tags_are(markup: str, stray: re.Pattern[str]) -> None:
    bare = texts._without_plain_tags_or_none(markup)

    assert bare is None or bare == texts._without_any_tags(markup, stray)


def test_plain_tags_need_no_parser() -> None:
    html = "<P class='a'>One <b>two</b><br />&lt;three&gt;</p><img src=x alt='' /><h2>4</h2>"

    assert texts._without_plain_tags_or_none(html) == "\nOne two\n&lt;three&gt;\n\n4\n"


@given(st.lists(TAGS | st.sampled_from([" ", "  ", "\n", "\r", "\t", "\xa0", "x", "é", "&amp;"])))
def test_white_space_of_the_source_is_one_space(parts: list[str]) -> None:
    spaced, single = "".join(parts), " ".join("".join(parts).split())

    assert clean_text(spaced, limit=MAX_BODY) == clean_text(single, limit=MAX_BODY)


def test_an_old_line_end_of_the_source_ends_no_line() -> None:
    assert clean_text("<!-- -->one\rtwo\r\nthree", limit=MAX_BODY) == "one two three"
