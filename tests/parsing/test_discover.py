from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import FeedLink
from bot.parsing import find_feed_links, is_page, list_usual_places
from bot.parsing.discover import MAX_LINKS
from tests.parsing.pages import page

URL = "https://wire.example/news/"


def find(html: str, url: str = URL) -> tuple[FeedLink, ...]:
    return find_feed_links(html.encode(), url=url, content_type="text/html; charset=utf-8")


def link(href: str, *, rel: str = "alternate", kind: str = "application/rss+xml") -> str:
    return f"<link rel='{rel}' type='{kind}' href='{href}' title='T&amp;T'>"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (link("rss.xml"), "https://wire.example/news/rss.xml"),
        (link("/rss"), "https://wire.example/rss"),
        (link("//feeds.example/rss"), "https://feeds.example/rss"),
        (link("/a", rel="ALTERNATE stylesheet"), "https://wire.example/a"),
        (link("/a", kind="Application/Atom+XML; charset=utf-8"), "https://wire.example/a"),
        (link("/a", kind="application/feed+json"), "https://wire.example/a"),
        ("<base href='https://cdn.example/x/'>" + link("rss"), "https://cdn.example/x/rss"),
    ],
)
def test_a_link_element_names_a_feed(written: str, address: str) -> None:
    assert find(page(head=written)) == (FeedLink(address, "T&T"),)


@pytest.mark.parametrize(
    "written",
    [
        link("/style", rel="stylesheet"),
        link("/de", kind="text/html"),
        link("/wp-json/1", kind="application/json"),
        link("/oembed", kind="application/json+oembed"),
        link("javascript:alert(1)"),
        link("mailto:desk@wire.example"),
        "<link rel='alternate' type='application/rss+xml'>",
    ],
)
def test_other_links_name_none(written: str) -> None:
    assert find(page(head=written)) == ()


def test_what_is_named_outright_goes_first_and_what_readers_say_last() -> None:
    html = page(
        "<p>",
        head=link("/comments/feed") + link("/xml", kind="text/xml") + link("/rss"),
        after="<a href='/feeds/phones.rss'>Phones</a>",
    )

    assert [one.url.removeprefix("https://wire.example") for one in find(html)] == [
        "/rss",
        "/xml",
        "/comments/feed",
        "/feeds/phones.rss",
    ]


def test_a_page_of_many_feeds_gives_a_few() -> None:
    html = page(head="".join(link(f"/{number}") for number in range(40)))

    assert len(find(html)) == MAX_LINKS


def test_the_usual_places_are_below_the_page_and_at_the_root() -> None:
    assert list_usual_places("https://wire.example/blog/?p=1")[:2] == (
        "https://wire.example/blog/feed",
        "https://wire.example/feed",
    )
    assert list_usual_places("https://wire.example") == tuple(
        f"https://wire.example{place}"
        for place in ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml")
    )


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"x", "text/html", True),
        (b"\n <!DOCTYPE html><html>", "", True),
        (b"<HTML>", "text/plain", True),
        (b"<rss/>", "application/rss+xml", False),
        (b"", "", False),
    ],
)
def test_a_page_is_known_by_its_type_or_its_first_words(
    body: bytes, kind: str, expected: bool
) -> None:
    assert is_page(body, kind) is expected


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_are_read(body: bytes, url: str) -> None:
    assert len(find_feed_links(b"<link rel=alternate href=" + body, url=url)) <= MAX_LINKS
