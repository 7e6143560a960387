"""Documents made to hurt: none may run, fetch or expand anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.errors import FeedUnreadable, Trouble
from bot.parsing import parse_feed
from tests.parsing.documents import URL, item, read, read_one, rss

LAUGHS = (
    '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    + rss(item("&c;"))
)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
def test_entity_declarations_are_refused_in_every_encoding(encoding: str) -> None:
    with pytest.raises(FeedUnreadable, match="<!ENTITY"):
        parse_feed(LAUGHS.encode(encoding), url=URL)


def test_entity_declarations_are_refused_behind_forbidden_characters() -> None:
    with pytest.raises(FeedUnreadable, match="<!ENTITY"):
        parse_feed(LAUGHS.replace("ENTITY", "ENT\x00ITY").encode(), url=URL)


@pytest.mark.parametrize("charset", ["utf-7", "cp037"])
def test_entity_declarations_are_not_expanded_from_a_declared_disguise(charset: str) -> None:
    with pytest.raises(FeedUnreadable):
        parse_feed(LAUGHS.encode(charset), url=URL, content_type=f"text/xml; charset={charset}")


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server's address, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its own name
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_external_entity_is_not_fetched(canary: tuple[str, list[str]]) -> None:
    address, asked = canary
    document = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{address}/x">]>' + rss(item("&x;"))

    with pytest.raises(FeedUnreadable, match="<!ENTITY"):
        read(document)
    assert asked == []


def test_an_external_dtd_and_stylesheet_are_not_fetched(canary: tuple[str, list[str]]) -> None:
    address, asked = canary
    head = (
        f'<?xml version="1.0"?><?xml-stylesheet href="{address}/s.xsl"?>\n'
        f'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "{address}/rss.dtd">\n'
    )

    assert read_one(rss(item("Read all the same"), head=head)).title == "Read all the same"
    assert asked == []


def test_a_body_that_is_a_path_or_an_address_is_not_opened(
    tmp_path: Path, canary: tuple[str, list[str]]
) -> None:
    address, asked = canary
    feed = tmp_path / "feed.xml"
    feed.write_text(rss(item("A file of ours")), encoding="utf-8")

    for body in (str(feed), f"file://{feed}", f"{address}/rss", "/dev/zero"):
        with pytest.raises(FeedUnreadable, match="plain text"):
            parse_feed(body.encode(), url=URL)
    assert asked == []


@pytest.mark.parametrize("flaw", ["", "<unclosed>"])
def test_a_declaration_cut_short_in_cdata_is_text(flaw: str) -> None:
    entry = read_one(rss(item("Odd", description="<![CDATA[a <!h< b <![x]]>"), flaw))

    assert entry.title == "Odd"


@pytest.mark.parametrize(
    "document",
    [
        rss("<a>" * 100_000 + "</a>" * 100_000, item("Deep")),
        rss(item("Deep", description="<div>" * 100_000 + "</div>" * 100_000)),
        rss(item("Deep", description=f"<![CDATA[{'<b>' * 100_000}]]>")),
        rss(item("Deep")) + "<a>" * 100_000,
    ],
    ids=["channel", "description", "html", "trailing"],
)
def test_a_hundred_thousand_nested_elements_do_not_hide_an_item(document: str) -> None:
    assert read(document).entries[0].title == "Deep"


@pytest.mark.parametrize(
    "reference", ["&#55357;", "&#99999999999999999999;", "&#xFFFFFFFF;", "&#0;"]
)
@pytest.mark.parametrize("flaw", ["", "<unclosed>"])
def test_an_impossible_character_costs_that_character_alone(reference: str, flaw: str) -> None:
    assert read_one(rss(item(f"Huawei{reference} signs"), flaw)).title == "Huawei signs"


def test_markup_meant_for_browsers_and_chats_ends_as_text() -> None:
    entry = read_one(
        rss(
            item(
                "<![CDATA[<img src=x onerror=alert(1)>@everyone \u202eevil\u200b]]>",
                description="<![CDATA[<a href='javascript:x'>Click</a><script>x</script>]]>",
                link="javascript:alert(1)",
            )
        )
    )

    assert (entry.title, entry.summary, entry.link) == ("@everyone evil", "Click", None)


@pytest.mark.parametrize("before", ["", "<!-- <a -->"])
def test_an_entity_that_shows_only_when_references_are_mended_is_refused(before: str) -> None:
    hidden, shown = "<!--<![CDATA[-->", "<!--]]>-->"
    document = (
        f'<?xml version="1.0"?>{before}<!DOCTYPE rss [<!EN&#0;TITY e "laughs">]>'
        f"<rss version='2.0'><channel><item><title>a {hidden}&e;{shown}</title>"
        "<link>https://wire.example/1</link></item></channel></rss>"
    )

    with pytest.raises(FeedUnreadable, match="declares XML entities") as refusal:
        parse_feed(document.encode(), url="")

    assert refusal.value.trouble is Trouble.DANGEROUS


def test_a_document_type_behind_a_remark_is_left_to_the_tolerant_reader() -> None:
    document = (
        '<?xml version="1.0"?><!-- <a --><!DOCTYPE rss [<!ATTLIST guid isPermaLink CDATA "false">]>'
        "<rss version='2.0'><channel><title>Wire</title><item><title>One</title>"
        "<guid>https://wire.example/1</guid></item></channel></rss>"
    )

    parsed = parse_feed(document.encode(), url="")

    assert [entry.title for entry in parsed.entries] == ["One"]
    assert parsed.marks == b""


@pytest.mark.parametrize("tag", ["itunes:author", "dc:author", "itunes:owner"])
def test_what_nothing_is_read_of_costs_nothing(tag: str) -> None:
    named = f"<{tag}>{'a' * 200_000}</{tag}>"
    spaces = (
        ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    document = (
        f"<rss version='2.0'{spaces}><channel><item><title>One</title>"
        f"<link>https://wire.example/1</link>{named}</item></channel></rss>"
    )

    (entry,) = parse_feed(document.encode(), url="").entries

    assert entry.title == "One"
