"""Reading what changed since the document before, and nothing else."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import ParsedFeed
from bot.parsing import parse_feed
from tests.parsing.documents import URL, item, rss
from tests.parsing.law import read_after, read_or_refuse

A, B, C = (
    item(f"Story {name}", guid=f"guid-{name}", link=f"https://wire.example/{name}")
    for name in "abc"
)


def after(old: str, new: str, *, url: str = URL, url_before: str = "") -> ParsedFeed:
    outcome = read_after(old.encode(), new.encode(), url=url, url_before=url_before)
    assert isinstance(outcome, ParsedFeed)
    return outcome


def titles(feed: ParsedFeed) -> list[str]:
    return [entry.title for entry in feed.entries]


def test_only_the_new_item_is_read() -> None:
    feed = after(rss(B, C), rss(A, B, C))

    assert (titles(feed), feed.unchanged) == (["Story a"], 2)


def test_only_the_edited_item_is_read() -> None:
    feed = after(rss(A, B, C), rss(A, B.replace("Story", "Edited"), C))

    assert (titles(feed), feed.unchanged) == (["Edited b"], 2)


def test_a_document_that_only_lost_items_has_nothing_to_read() -> None:
    feed = after(rss(A, B, C), rss(B))

    assert (titles(feed), feed.unchanged) == ([], 1)


def test_a_new_time_of_publication_does_not_make_the_whole_be_read() -> None:
    channel = "<lastBuildDate>Mon, 09 Nov 2026 0{}:00:00 GMT</lastBuildDate><ttl>{}</ttl>"
    feed = after(
        rss(A, B, channel=channel.format(1, 15)), rss(A, B, C, channel=channel.format(2, 30))
    )

    assert (titles(feed), feed.unchanged) == (["Story c"], 2)
    assert feed.interval_s == 1_800


def test_the_first_document_is_read_whole() -> None:
    feed = parse_feed(rss(A, B).encode(), url=URL)

    assert (titles(feed), feed.unchanged) == (["Story a", "Story b"], 0)
    assert feed.marks


def test_marks_of_another_make_are_no_marks() -> None:
    document = rss(A, B).encode()
    marks = parse_feed(document, url=URL).marks

    for seen in (b"\x00" + marks[1:], marks[:-1], marks + b"x", b"\x01", b"nonsense"):
        assert len(parse_feed(document, url=URL, seen=seen).entries) == 2


def test_the_marks_of_a_feed_of_twenty_items_take_less_than_a_kilobyte() -> None:
    items = [item(f"Story {n}", guid=str(n), link=f"https://wire.example/{n}") for n in range(20)]

    assert 0 < len(parse_feed(rss(*items).encode(), url=URL).marks) < 1_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rss(A, B), rss(A, B, C, channel="<link>https://site.example/</link>")),
        (rss(A, B), rss(A, B, C, channel="<language>zh-cn</language>")),
        (rss(A, B), rss(A, B, C).replace("<rss ", "<rss xml:base='https://other.example/' ")),
        (rss(A, B), rss(A, B, C).replace("<rss ", "<rss xmlns:x='https://x.example/' ")),
        (rss(A, B), rss(A, B, C) + "<"),
        (rss(A, B), rss(A, B, "<image/>", C)),
        (rss(A, B), rss(A, B, item("Odd", description="<item>"), "</item>")),
        (rss(A, B), rss(A, B, "<!-- <![CDATA[ -->", C)),
        (rss(A, B), rss(A, B, "<!-- a -- b -->", C)),
        (rss(A, B), rss(A, B, item("Stray", description="<p>&nbsp;<b>x</p>"))),
        (rss(A, B), rss(A, B, A.replace("wire.example/a", "wire.example/other"))),
        (rss(A, A.replace("/a", "/b")), rss(A)),
    ],
    ids=[
        "link of the site",
        "language",
        "base",
        "namespace",
        "trailing tag",
        "element between",
        "item inside",
        "section in a remark",
        "remark that is none",
        "malformed item",
        "guid shared with an unchanged one",
        "guid shared no longer",
    ],
)
def test_what_could_change_other_items_is_read_as_a_whole(old: str, new: str) -> None:
    assert after(old, new).unchanged == 0


def test_new_items_that_share_a_guid_are_told_apart_as_in_the_whole() -> None:
    feed = after(rss(A), rss(A, B.replace("guid-b", "guid-c"), C))

    assert (titles(feed), feed.unchanged) == (["Story b", "Story c"], 1)
    assert [entry.keys[0][:5] for entry in feed.entries] == ["link:", "link:"]


def test_an_end_tag_in_a_section_ends_no_item() -> None:
    odd = item("Odd", description="<![CDATA[</item><item> & so on]]>")
    feed = after(rss(A, odd), rss(A, odd, C))

    assert (titles(feed), feed.unchanged) == (["Story c"], 2)


def test_another_address_matters_where_links_are_relative_to_it() -> None:
    relative = rss(item("One", link="/1"), item("Two", link="/2"))
    moved = "https://mirror.example/rss"

    assert after(relative, relative, url=moved, url_before=URL).unchanged == 0
    absolute = rss(A, B, channel="<link>https://site.example/</link>")
    assert after(absolute, absolute, url=moved, url_before=URL).unchanged == 2


def test_a_prefix_that_one_item_declares_does_not_change_another() -> None:
    odd = "<item><title>Odd</title><x:title xmlns:x='http://purl.org/dc/elements/1.1/'/></item>"
    other = "<item><title>Other</title><x:y xmlns:x='https://x.example/'/></item>"

    for old, new in [((odd, A), (odd, A, B)), ((odd, other), (B, odd, other)), ((A,), (A, other))]:
        after(rss(*old), rss(*new))

    first = "<item><title>First</title><x:y xmlns:x='https://x.example/'>z</x:y></item>"
    second = "<item><dc:title xmlns:dc='https://x.example/'>Not Dublin Core's</dc:title></item>"
    assert after(rss(first, A), rss(first, A, second)).unchanged == 0
    assert after(rss(first, A), rss(first, A, B)).unchanged == 2


def test_markup_that_confuses_the_parser_for_good_is_never_read_in_part() -> None:
    odd = item("Odd", description="a<title>x</title>b")
    inline = item("Inline", description="<p>c</p>")

    assert parse_feed(rss(odd, inline).encode(), url=URL).marks == b""
    assert parse_feed(rss(A, inline).encode(), url=URL).marks
    assert after(rss(odd, A), rss(odd, A, inline)).unchanged == 0
    assert after(rss(A, inline), rss(A, odd, inline)).unchanged == 0


def test_the_items_of_rdf_are_read_in_part() -> None:
    def document(*names: str) -> str:
        listed = "".join(f"<rdf:li resource='https://rdf.example/{name}'/>" for name in names)
        items = "".join(
            f"<item rdf:about='https://rdf.example/{name}'><title>{name}</title>"
            f"<link>https://rdf.example/{name}</link></item>"
            for name in names
        )
        return (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://rdf.example/">'
            f"<title>RDF</title><items><rdf:Seq>{listed}</rdf:Seq></items></channel>{items}"
            "</rdf:RDF>"
        )

    feed = after(document("a", "b"), document("c", "a", "b"))

    assert (titles(feed), feed.unchanged) == (["c"], 2)


def test_the_items_of_a_json_feed_are_read_in_part() -> None:
    def document(*names: str, **rest: str) -> str:
        items = [{"id": name, "content_text": f"Text {name}"} for name in names]
        return json.dumps({"version": "https://jsonfeed.org/version/1", "items": items} | rest)

    feed = after(document("a", "b"), document("c", "a", "b", title="New title"))
    assert ([entry.guid for entry in feed.entries], feed.unchanged) == (["c"], 2)
    assert after(document("a"), document("a", "b", language="zh")).unchanged == 0


PARTS = {
    "guid": ["<guid>1</guid>", "<guid>2</guid>", "<guid isPermaLink='false'>one/for/all</guid>"],
    "title": ["<title>Huawei signs</title>", "<title>AT&T</title>", "<title>Zwei &uuml;</title>"],
    "link": ["<link>https://w.example/1?utm_source=a</link>", "<link>/2</link>", "<link>3</link>"],
    "date": ["<pubDate>Tue, 09 Jan 2018 08:30:00 CST</pubDate>", "<pubDate>soon</pubDate>"],
    "text": [
        "<description>&lt;p&gt;Text&lt;/p&gt;</description>",
        "<description><![CDATA[</item> <item>]]></description>",
        "<description><![CDATA[<p>A & B]]></description>",
        "<description><p>inline</p></description>",
        "<description>x</item><item>",
    ],
    "odd": [
        "<!-- remark -->",
        "<!-- <item> -->",
        "<x:y xmlns:x='https://x.example/'>z</x:y>",
        "<x:title xmlns:x='http://purl.org/dc/elements/1.1/'>Z</x:title>",
        "<media:title xmlns:media='https://x.example/'>Z</media:title>",
        "<content:encoded>long text</content:encoded>",
        "<source url='https://o.example/'>Outlet</source>",
        "<image><title>Picture</title></image>",
        "<item/>",
        "<?pi <item> ?>",
        "<b xml:base='https://b.example/'/>",
        "<unclosed>",
        "\x0b",
        "&#0;",
    ],
}
GAPS = ["", "\n", "<!-- between -->", "<ttl>5</ttl>", "text", "<!-- <![CDATA[ -->", "<![CDATA[ ]]>"]
HEADS = [
    "<rss version='2.0'><channel><title>A</title>",
    "<rss version='2.0'><channel><title>B</title><link>https://site.example/</link>",
    "<rss version='2.0' xml:base='https://b.example/x/'><channel><ttl>5</ttl>",
    "<rss version='2.0'><channel><language>zh</language><pubDate>now</pubDate>",
    "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>",
    "<rss version='2.0' xmlns:x='http://search.yahoo.com/mrss/'><channel><image><url>u</url>",
    "<!DOCTYPE rss><rss version='0.91'><channel>",
    "<html><channel>",
    "<channel>",
]
TAILS = ["</channel></rss>", "<link>https://late.example/</link></channel></rss>", "", "</item>"]

maybe = {name: st.sampled_from(["", *parts]) for name, parts in PARTS.items()}
an_item = st.tuples(*maybe.values()).map(lambda parts: f"<item>{''.join(parts)}</item>")


@st.composite
def successions(draw: st.DrawFn) -> list[bytes]:
    """A run of documents of one feed, made of the same few items."""
    items = draw(st.lists(an_item, min_size=1, max_size=6))
    usual = draw(st.sampled_from(HEADS[:6]))
    run = []
    for _ in range(draw(st.integers(2, 4))):
        chosen = draw(st.lists(st.sampled_from(items), max_size=7))
        gap = draw(st.sampled_from([*GAPS[:2] * 3, *GAPS]))
        head = draw(st.sampled_from([usual] * 8 + HEADS))
        tail = draw(st.sampled_from([*TAILS[:1] * 5, *TAILS]))
        run.append(f"{head}{gap.join(chosen)}{tail}".encode())
    return run


@given(successions())
@settings(max_examples=400, deadline=None)
def test_reading_in_part_gives_what_reading_the_whole_gives(run: list[bytes]) -> None:
    for old, new in itertools.pairwise(run):
        read_after(old, new)


@given(
    run=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=8, unique=True), max_size=5),
    guid=st.sampled_from(["<guid>all</guid>", "", "<guid>{poll}-{n}</guid>", "<guid>{n}</guid>"]),
    link=st.sampled_from(["", "<link>https://w.example/{n}</link>", "<link>/all</link>"]),
)
@settings(max_examples=200, deadline=None)
def test_shared_changing_and_missing_guids_give_the_keys_of_the_whole(
    run: list[list[int]], guid: str, link: str
) -> None:
    marks = b""
    for poll, numbers in enumerate(run):
        items = (
            f"<item>{guid}{link}<title>Story {{n}}</title></item>".format(n=n, poll=poll)
            for n in numbers
        )
        document = rss(*items).encode()
        whole, part = read_or_refuse(document), read_or_refuse(document, seen=marks)
        assert isinstance(whole, ParsedFeed)
        assert isinstance(part, ParsedFeed)
        assert set(part.entries) <= set(whole.entries)
        assert part.marks == whole.marks
        marks = part.marks


def find_series(shared: Path) -> dict[str, list[Path]]:
    folders = sorted((shared / "feeds" / "series").iterdir())
    return {folder.name: sorted(folder.iterdir()) for folder in folders}


def test_the_polls_of_five_real_feeds_read_in_part_as_in_whole(shared: Path) -> None:
    unread = {}
    for name, polls in find_series(shared).items():
        run = [poll.read_bytes() for poll in polls]
        read = [read_after(old, new) for old, new in itertools.pairwise(run)]
        unread[name] = sum(feed.unchanged for feed in read if isinstance(feed, ParsedFeed))

    assert len(unread) == 5
    assert min(unread.values()) > 100


def test_real_documents_that_come_again_are_left_unread(shared: Path) -> None:
    documents = sorted((shared / "feeds").glob("d*"))
    again = {}
    for document in documents:
        body = document.read_bytes()
        feed = read_after(body, body)
        again[document.name[:4]] = isinstance(feed, ParsedFeed) and feed.unchanged > 0

    # Not those that are no feed, malformed, or have items inside items.
    assert sum(again.values()) == len(documents) - 5
