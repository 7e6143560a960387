from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parsing.references import drop_illegal, mend_references, unescape


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("&amp;amp;", "&amp;"),
        ("&lt;&gt;&quot;&apos;", "<>\"'"),
        ("&eacute;&#233;&#xE9;&#Xe9;", "éééé"),
        ("&#128;&#x99;", "€™"),
        ("&#0;&#1114112;&#xFFFFFF;", ""),
        ("&#55357;&#56832;|&#55357;|&#56832;", "\U0001f600||"),
        ("AT&T R&D; 5G&LTE &copy2019 & &;", "AT&T R&D; 5G&LTE &copy2019 & &;"),
    ],
)
def test_a_reference_ends_with_a_semicolon_or_is_none(text: str, resolved: str) -> None:
    assert unescape(text) == resolved


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("<a>AT&T</a>", "<a>AT&amp;T</a>"),
        ("<a>AT&T;</a>", "<a>AT&amp;T;</a>"),
        ("<a>AT&amp;T &#38; &lt;</a>", "<a>AT&amp;T &amp; &lt;</a>"),
        ("<a>caf&eacute;&nbsp;&LT;</a>", "<a>café\xa0&lt;</a>"),
        ("<a>\x00\x0bx\ufffe&#8;&#99999999999999999999;</a>", "<a>x</a>"),
        ("<a>&#xD83D;&#xDE00;&#xD83D;</a>", "<a>\U0001f600</a>"),
        ("<a href='?x=1&y=2'/>", "<a href='?x=1&amp;y=2'/>"),
        ("<a><![CDATA[AT&T &eacute;]]>&<b/></a>", "<a><![CDATA[AT&T &eacute;]]>&amp;<b/></a>"),
        ("<a><![CDATA[never closed & open", "<a><![CDATA[never closed & open"),
    ],
)
def test_what_makes_xml_malformed_is_mended(broken: str, mended: str) -> None:
    assert mend_references(drop_illegal(broken)) == mended


@given(st.text(st.sampled_from("&#x;amplt T1é\x00\x1f\ud83d\ude00\ufffe")))
def test_mended_text_is_well_formed_xml(text: str) -> None:
    ET.fromstring(f"<a>{mend_references(drop_illegal(text))}</a>")


def test_text_with_xml_s_own_references_is_left_as_it_is() -> None:
    text = "<a b='&quot;'>&lt;p&gt;AT&amp;amp;T&apos;s<![CDATA[ &amp; ]]></a>"

    assert mend_references(text) is text
