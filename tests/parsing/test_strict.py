"""The watched parser reads what feedparser reads."""

from __future__ import annotations

import io
from pathlib import Path

import feedparser
import pytest
from hypothesis import given, settings

from bot.parsing import xmlfeed
from bot.parsing.charset import decode
from bot.parsing.item import Item
from bot.parsing.references import drop_illegal, mend_references
from bot.parsing.strict import ExpatError, StrictReader
from tests.parsing.documents import item, rss
from tests.parsing.test_changes import successions

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"
 xml:lang="de" xml:base="https://atom.example/x/"><title>A</title><link rel="self" href="f"/>
<entry><id>1</id><title type="html">R&amp;amp;D</title><link href="1.html"/><author><name>N</name>
</author><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x<b>y</b></p></div>
</content><media:group><media:title>M</media:title></media:group></entry>
<entry xml:base="sub/"><id>2</id><link href="2.html"/><published>2018-01-08T08:30:00Z</published>
<source><title>S</title><link href="https://s.example/"/></source></entry></feed>"""
INPUTS = (
    "<image><title>Picture</title><url>u</url></image><textInput><title>T</title><name>n</name>"
    "</textInput><x:title xmlns:x='http://purl.org/rss/1.0/'>X</x:title>"
)


def read_strictly(document: str) -> tuple[str, str | None, list[Item]]:
    reader = StrictReader()
    reader.read(document.encode())
    items = [xmlfeed._read_item(entry) for entry in reader.entries]
    return reader.version, dict.get(reader.feeddata, "title"), items


def read_usually(document: str) -> tuple[str, str | None, list[Item]]:
    parsed = feedparser.parse(
        io.BytesIO(document.encode()),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    assert not parsed.bozo
    items = [xmlfeed._read_item(entry) for entry in parsed.entries]
    return parsed.version, dict.get(parsed.feed, "title"), items


def agrees(document: str) -> bool:
    """Whether both give the same; False for what is not well-formed."""
    try:
        strictly = read_strictly(document)
    except ExpatError:
        return False
    assert strictly == read_usually(document)
    return True


@pytest.mark.parametrize(
    "document",
    [
        ATOM,
        rss(item("One", author="a@b.example (A)", category="c"), channel=INPUTS),
        rss(item("Two", description="<p>in<b>line</b></p><title>late</title>"), item("Three")),
        rss("<item><language>zh</language><cloud/><generator/><width>x</width></item>"),
        ATOM.replace(' xml:base="https://atom.example/x/"', "").replace(' xml:base="sub/"', ""),
        rss(
            "<item><link base='https://b.example/'>a</link><cloud Port='1' port='2'/>"
            "<enclosure URL='U' Type='AUDIO/x'/><description lang='zh'>d</description>"
            "<pubDate>2018-01-09</pubDate><pubDate>soon</pubDate></item>"
            "<item><guid isPermaLink='FALSE'>1</guid><pubDate>Jan 8 8:30:00 2018</pubDate></item>"
        ),
    ],
)
def test_it_agrees_with_feedparser(document: str) -> None:
    assert agrees(document)


@given(successions())
@settings(max_examples=150, deadline=None)
def test_it_agrees_with_feedparser_on_documents_of_any_kind(run: list[bytes]) -> None:
    for document in run:
        mended = mend_references(drop_illegal(document.decode()))
        # It keeps bases within their elements (see below), and reads no DOCTYPE.
        if "<!DOCTYPE" not in mended and "<b xml:base" not in mended:
            agrees(mended)


def test_it_agrees_with_feedparser_on_real_documents(shared: Path) -> None:
    feeds = shared / "feeds"
    documents = [*feeds.glob("d*.xml"), *feeds.glob("series/*/*[05].xml")]
    texts = [decode(document.read_bytes()) for document in documents]
    agreed = [agrees(mend_references(drop_illegal(text[text.find("<") :]))) for text in texts]

    assert len(agreed) - sum(agreed) <= 3


def test_the_base_of_an_element_holds_within_it_alone() -> None:
    _, _, (first, second) = read_strictly(
        "<feed xmlns='http://www.w3.org/2005/Atom'>"
        "<entry xml:base='https://a.example/'><link href='1'/></entry>"
        "<entry><link href='2'/></entry></feed>"
    )

    assert (first.link, second.link) == ("https://a.example/1", "2")


def test_what_is_not_used_is_not_read() -> None:
    reader = StrictReader()
    reader.read(rss(item("One", author="a" * 400_000)).encode())

    assert "author" not in reader.entries[0]
