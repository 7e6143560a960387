from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FeedUnreadable
from bot.parsing import describe_entry, parse_feed
from bot.parsing.text import MAX_BODY, MAX_SUMMARY
from tests.parsing.documents import URL, item, read, read_one, rss


def test_an_rss_item_becomes_an_entry() -> None:
    feed = read(
        rss(
            item(
                "Huawei &amp; Verizon",
                link="https://wire.example/1",
                guid="wire-1",
                pubDate="Tue, 09 Jan 2018 08:30:00 +0100",
                description="&lt;p&gt;A plan.&lt;/p&gt;",
            )
        )
    )

    (entry,) = feed.entries
    assert feed.title == "Example Wire"
    assert entry.keys[0] == "guid:wire-1"
    assert describe_entry(entry) == {
        "title": "Huawei & Verizon",
        "link": "https://wire.example/1",
        "id": "wire-1",
        "published": "2018-01-09T07:30:00+00:00",
        "summary": "A plan.",
    }


def test_what_is_missing_is_described_as_none() -> None:
    entry = read_one(rss("<item><description>Only text.</description></item>"))

    assert describe_entry(entry) == {
        "title": None,
        "link": None,
        "id": None,
        "published": None,
        "summary": "Only text.",
    }


def test_an_atom_entry_becomes_an_entry() -> None:
    entry = read_one(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://atom.example/blog/">'
        "<title>Atom</title><entry><id>tag:atom.example:1</id>"
        '<title type="html">R&amp;amp;D</title>'
        '<link rel="alternate" href="1.html"/><link rel="enclosure" href="1.mp3"/>'
        "<updated>2018-01-09T08:30:00Z</updated><published>2018-01-08T08:30:00Z</published>"
        '<summary>Short.</summary><content type="html">&lt;p&gt;Long text.&lt;/p&gt;</content>'
        "</entry></feed>"
    )

    assert (entry.title, entry.guid) == ("R&D", "tag:atom.example:1")
    assert entry.link == "https://atom.example/blog/1.html"
    assert entry.published_at == datetime(2018, 1, 8, 8, 30, tzinfo=UTC)
    assert (entry.summary, entry.body) == ("Short.", "Long text.")


def test_an_rdf_item_becomes_an_entry() -> None:
    entry = read_one(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="https://rdf.example/"><title>RDF</title></channel>'
        '<item rdf:about="https://rdf.example/1"><title>Honor</title>'
        "<link>https://rdf.example/1</link><dc:date>2018-01-09T08:30:00Z</dc:date></item></rdf:RDF>"
    )

    assert (entry.guid, entry.link) == ("https://rdf.example/1", "https://rdf.example/1")
    assert entry.published_at == datetime(2018, 1, 9, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("written", ["AT&T", "AT&amp;T", "AT&amp;amp;T", "AT&#38;T", "AT&T;"])
@pytest.mark.parametrize("frame", ["{}", "<![CDATA[{}]]>"])
@pytest.mark.parametrize("flaw", ["", "<unclosed>"])
def test_at_and_t_is_read_however_it_is_written(written: str, frame: str, flaw: str) -> None:
    text = frame.format(f"Huawei and {written} part")
    entry = read_one(rss(item(text, description=text, link="https://wire.example/1"), flaw))

    assert entry.title == "Huawei and AT&T part"
    assert entry.summary == "Huawei and AT&T part"


def test_a_bare_ampersand_in_a_link_keeps_its_query() -> None:
    entry = read_one(rss(item(link="https://wire.example/story?id=7&copy=2&amp;lt=3")))

    assert entry.link == "https://wire.example/story?id=7&copy=2&lt=3"


@pytest.mark.parametrize(
    ("channel", "link", "resolved"),
    [
        ("", "/1", "https://wire.example/1"),
        ("", "1", "https://wire.example/news/1"),
        ("<link>https://www.site.example/</link>", "/1", "https://www.site.example/1"),
        ("<link>/phones/</link>", "1", "https://wire.example/phones/1"),
        ("<link>not a link</link>", "https://b.example/1", "https://b.example/1"),
        ("", "javascript:alert(1)", None),
    ],
)
def test_links_are_resolved_against_the_site_else_the_feed(
    channel: str, link: str, resolved: str | None
) -> None:
    assert read_one(rss(item(link=link), channel=channel)).link == resolved


def test_the_publisher_s_own_link_comes_before_the_one_of_its_feed_service() -> None:
    document = rss(
        item(link="https://feeds.example/~r/1", **{"fb:origLink": "https://wire.example/1"})
    ).replace("<rss ", '<rss xmlns:fb="http://rssnamespace.org/feedburner/ext/1.0" ')

    assert read_one(document).link == "https://wire.example/1"


@pytest.mark.parametrize(
    ("guid", "link"),
    [("https://wire.example/1", "https://wire.example/1"), ("12345", None), ("a/b", None)],
)
def test_a_guid_is_a_link_only_if_it_is_one(guid: str, link: str | None) -> None:
    entry = read_one(rss(item(guid=guid)))

    assert (entry.guid, entry.link) == (guid, link)


def test_a_guid_is_kept_as_written_wherever_the_feed_is_fetched() -> None:
    document = rss(item(guid="story/7", link="/7"))

    assert read_one(document, url="http://wire.example/rss").guid == "story/7"
    assert read_one(document, url="https://mirror.example/rss").guid == "story/7"


def test_the_description_is_the_summary_and_longer_content_the_body() -> None:
    both = item(description="Short.", **{"content:encoded": "<![CDATA[<p>Much longer.</p>]]>"})
    content = item(**{"content:encoded": "<![CDATA[<p>Much longer.</p>]]>"})
    shorter = item(description="Rather long.", **{"content:encoded": "Short."})

    assert [(e.summary, e.body) for e in read(rss(both)).entries] == [("Short.", "Much longer.")]
    assert [(e.summary, e.body) for e in read(rss(content)).entries] == [("Much longer.", "")]
    assert [(e.summary, e.body) for e in read(rss(shorter)).entries] == [("Rather long.", "")]


def test_summary_and_body_are_cut_at_a_word() -> None:
    entry = read_one(rss(item(**{"content:encoded": "word " * 10_000})))

    assert MAX_SUMMARY - 5 <= len(entry.summary) <= MAX_SUMMARY
    assert MAX_BODY - 5 <= len(entry.body) <= MAX_BODY
    assert entry.summary.endswith("word")
    assert entry.body.endswith("word")


def test_the_publication_date_comes_before_the_update() -> None:
    both = item(pubDate="Tue, 09 Jan 2018 08:30:00 GMT", **{"atom:updated": "2018-01-10T08:30:00Z"})
    document = rss(both).replace("<rss ", '<rss xmlns:atom="http://www.w3.org/2005/Atom" ')
    update = document.replace("pubDate", "pubDay")

    assert read_one(document).published_at == datetime(2018, 1, 9, 8, 30, tzinfo=UTC)
    assert read_one(update).published_at == datetime(2018, 1, 10, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel", "url", "hour"),
    [
        ("<language>zh-cn</language>", URL, 0),
        ("", "https://news.site.cn/rss", 0),
        ("<link>https://www.site.com.cn/</link>", URL, 0),
        ("<language>en</language>", URL, 14),
    ],
)
def test_cst_is_china_s_time_where_the_feed_is_chinese(channel: str, url: str, hour: int) -> None:
    document = rss(item(pubDate="Tue, 09 Jan 2018 08:00:00 CST"), channel=channel)

    assert read_one(document, url=url).published_at == datetime(2018, 1, 9, hour, tzinfo=UTC)


def test_an_aggregator_s_item_names_its_outlet() -> None:
    source = '<source url="https://www.outlet.example">Example Outlet</source>'
    entry = read_one(rss(f"<item><title>Huawei signs - Example Outlet</title>{source}</item>"))

    assert (entry.outlet_name, entry.outlet_url) == ("Example Outlet", "https://www.outlet.example")
    assert entry.title == "Huawei signs - Example Outlet"


def test_a_source_without_an_address_names_no_outlet() -> None:
    entry = read_one(rss(item(source="Somebody")))

    assert (entry.outlet_name, entry.outlet_url) == ("", "")


@pytest.mark.parametrize(
    ("channel", "interval_s"),
    [
        ("", None),
        ("<ttl>15</ttl>", 900),
        ("<ttl>0</ttl>", None),
        ("<ttl>often</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 3_600),
        (
            (
                "<sy:updatePeriod>\n daily </sy:updatePeriod>"
                "<sy:updateFrequency>2</sy:updateFrequency>"
            ),
            43_200,
        ),
        ("<sy:updatePeriod>now and then</sy:updatePeriod>", None),
        ("<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod>", 3_600),
    ],
)
def test_the_publisher_says_how_often_to_ask(channel: str, interval_s: float | None) -> None:
    assert read(rss(channel=channel)).interval_s == interval_s


def test_a_feed_without_items_is_a_feed() -> None:
    assert read(rss()).entries == ()


def test_items_that_say_nothing_are_left_out() -> None:
    feed = read(rss("<item/>", item("Something"), "<item><pubDate>2018-01-09</pubDate></item>"))

    assert [entry.title for entry in feed.entries] == ["Something"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"Service unavailable", 'is plain text, "Service unavailable"'),
        (b"<!DOCTYPE html><html><title>Log in &amp; go</title>", 'HTML page titled "Log in & go"'),
        (b"<html><body><item><title>x</title></item></body></html>", "is an HTML page"),
        (b"<?xml version='1.0'?><urlset><url/></urlset>", "another kind, <urlset>"),
        (b"<rss version='2.0'><channel><title>Cut of", "malformed and shows no item"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "is plain text"),
    ],
)
def test_a_document_without_a_feed_is_refused_with_what_it_is(body: bytes, says: str) -> None:
    with pytest.raises(FeedUnreadable) as refusal:
        parse_feed(body, url=URL)

    assert says in str(refusal.value)
    assert str(refusal.value).startswith(f"{URL}: ")


@pytest.mark.parametrize(
    "before", ["\n\n", "\ufeff\ufeff", "ï»¿", "Notice: cached\n", "<!-- html -->"]
)
def test_what_stands_before_the_declaration_is_passed_over(before: str) -> None:
    document = before + rss(item("AT&T"), head='<?xml version="1.0" encoding="UTF-8"?>')

    assert read_one(document).title == "AT&T"


def test_a_feed_cut_in_the_middle_gives_what_came() -> None:
    document = rss(item("First"), item("Second"))

    assert read(document[: document.index("Second")]).entries[0].title == "First"


def test_an_error_page_around_the_feed_does_not_hide_it() -> None:
    document = "<br />\n<b>Warning</b>: slow database<br />\n" + rss(item("Still here"))

    assert read_one(document).title == "Still here"


VALID = rss(item("AT&T", link="/1", description="<![CDATA[<p>x</p>]]>")).encode()


@given(st.binary(max_size=200), st.integers(0, len(VALID)), st.integers(0, 40))
def test_no_bytes_break_more_than_their_own_feed(noise: bytes, at: int, cut: int) -> None:
    for body in (noise, VALID[:at] + noise + VALID[at + cut :]):
        with contextlib.suppress(FeedUnreadable):
            parse_feed(body, url=URL)
