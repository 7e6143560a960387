"""What came in a feed's place, in words and as a kind of trouble."""

from __future__ import annotations

import pytest

from bot.errors import FeedUnreadable, Trouble
from bot.parsing import parse_feed
from tests.parsing.documents import URL, item, read, rss


def refused(document: str) -> FeedUnreadable:
    with pytest.raises(FeedUnreadable) as refusal:
        parse_feed(document.encode(), url=URL)
    return refusal.value


def page(title: str, body: str = "<p>Text</p>") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("document", "trouble", "words"),
    [
        (page("Wire News"), Trouble.PAGE, 'HTML page titled "Wire News"'),
        ("<div>Moved</div>", Trouble.PAGE, "HTML page"),
        (page("Sign in"), Trouble.LOGIN, 'titled "Sign in", asking to log in'),
        (page("Wire", "<input type='password'>"), Trouble.LOGIN, "asking to log in"),
        (page("Wire", "<input name=p type=password>"), Trouble.LOGIN, "asking to log in"),
        (page("Just a moment..."), Trouble.BLOCKED, "a wall against programs"),
        (page("Attention Required! | Wall"), Trouble.BLOCKED, "a wall against programs"),
        (page("Access Denied"), Trouble.BLOCKED, "a wall against programs"),
        (
            page("Wire", "<script src='/cdn-cgi/challenge-platform/x.js'></script>"),
            Trouble.BLOCKED,
            "a wall against programs",
        ),
        (
            page("Hotel Wi-Fi", "<input type='password'>"),
            Trouble.PORTAL,
            "a network's own page and not the site's",
        ),
        (page("Login", "<!-- WISPAccessGatewayParam -->"), Trouble.PORTAL, "network's own page"),
        ("<urlset><url/></urlset>", Trouble.UNREADABLE, "XML of another kind, <urlset>"),
        ("Try later", Trouble.UNREADABLE, 'plain text, "Try later"'),
        ("", Trouble.UNREADABLE, "is empty"),
        ('{"a": 1}', Trouble.UNREADABLE, "is JSON"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><rss/>", Trouble.DANGEROUS, "<!ENTITY"),
    ],
)
def test_a_document_that_is_no_feed_is_told_by_its_kind(
    document: str, trouble: Trouble, words: str
) -> None:
    refusal = refused(document)

    assert refusal.trouble is trouble
    assert words in str(refusal)
    assert str(refusal).startswith(f"{URL}: the document ")


def test_a_news_page_that_speaks_of_passwords_asks_for_none() -> None:
    assert refused(page("Wire", "<p>Use password managers</p>")).trouble is Trouble.PAGE


@pytest.mark.parametrize("tail", ["<b>", "<item><title>Cut sho", "</rss>"])
def test_a_malformed_document_that_was_read_has_a_flaw(tail: str) -> None:
    feed = read(rss(item("One", guid="1")) + "\n" + tail)

    assert [entry.title for entry in feed.entries][:1] == ["One"]
    assert feed.flaw.startswith("not well-formed XML: ")
    assert feed.flaw.endswith(" in line 2")
    assert feed.marks == b""


def test_a_document_without_a_flaw_says_so() -> None:
    assert read(rss(item("AT&T &nbsp; \x0b mended"))).flaw == ""


@pytest.mark.parametrize(
    ("document", "hub", "topic"),
    [
        (
            (
                "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel>"
                "<atom:link rel='hub' href='https://hub.example/'/>"
                "<atom:link rel='hub' href='/two'/>"
                "<atom:link rel='self' href='https://wire.example/rss'/></channel></rss>"
            ),
            "https://hub.example/",
            "https://wire.example/rss",
        ),
        (
            (
                "<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title>"
                "<link rel='hub' href='https://hub.example/'/>"
                "<link rel='self' href='/atom'/></feed>"
            ),
            "https://hub.example/",
            "https://wire.example/atom",
        ),
        (
            (
                '{"version": "https://jsonfeed.org/version/1.1", "feed_url": "https://j.example/feed",'
                '"hubs": [{"type": "rssCloud", "url": "https://no.example/"},'
                '{"type": "WebSub", "url": "https://hub.example/"}]}'
            ),
            "https://hub.example/",
            "https://j.example/feed",
        ),
        (
            (
                "<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title>"
                "<link rel='hub' href='javascript:x'/><link rel='self' href='/atom'/></feed>"
            ),
            "",
            "",
        ),
        (rss(item("No hub")), "", ""),
    ],
    ids=["rss", "atom", "json", "no address", "none"],
)
def test_the_hub_of_a_document_and_its_name_there(document: str, hub: str, topic: str) -> None:
    feed = read(document)

    assert (feed.hub, feed.topic) == (hub, topic)


def test_the_hub_is_known_where_only_a_new_item_is_read() -> None:
    channel = (
        "<title>Wire</title><link xmlns='http://www.w3.org/2005/Atom' rel='hub' "
        "href='https://hub.example/'/>"
    )
    before = read(rss(item("One", guid="1"), channel=channel))
    document = rss(item("Two", guid="2"), item("One", guid="1"), channel=channel)
    feed = parse_feed(document.encode(), url=URL, seen=before.marks)

    assert (feed.unchanged, feed.hub) == (1, "https://hub.example/")
