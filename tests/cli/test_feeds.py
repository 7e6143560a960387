"""``newsbot feeds``: which feeds are polled, and how they are."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.ports import PollOutcome
from bot.prose.moments import tell_moment
from bot.store import open_store
from tests.cli.conftest import NEWS
from tests.cli.program import Newsbot
from tests.servers.feeds import Document, FeedServer, redirect

FEED = "https://harbour.example/rss"
TALKATIVE = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Harbour Talk</title>
<ttl>30</ttl><atom:link rel="hub" href="https://hub.example/"/>
<atom:link rel="self" href="https://harbour.example/talk"/>
<item><guid>one</guid><title>Ferries run again</title>
<pubDate>Tue, 09 Jan 2018 08:30:00 GMT</pubDate></item>
</channel></rss>"""


def _page_with(*feeds: str) -> Document:
    """A page that names ``feeds``."""
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{feed}">' for feed in feeds
    )
    page = f"<!doctype html><html><head>{links}</head><body>News.</body></html>"
    return Document(page.encode(), content_type="text/html")


async def test_a_feed_is_added_listed_and_removed(newsbot: Newsbot) -> None:
    added = await newsbot("feeds", "add", "--unchecked", FEED, "--title", "Harbour Wire")
    again = await newsbot("feeds", "add", "--unchecked", FEED)
    listed = await newsbot("feeds", "list")
    removed = await newsbot("feeds", "remove", FEED)
    unknown = await newsbot("feeds", "remove", FEED, code=2)

    assert added.out == f"Added: {FEED}\n"
    assert "history" in added.err
    assert (again.out, again.err) == (f"Polled already: {FEED}\n", "")
    assert listed.out == f"ok   #1 {FEED}  Harbour Wire (never polled)\n"
    assert removed.out == f"No longer polled: {FEED}\n"
    assert "`newsbot feeds list` shows them all" in unknown.err


@pytest.mark.parametrize("number", ["#2", "2"])
async def test_a_feed_is_removed_by_its_number_with_its_mark_or_without(
    newsbot: Newsbot, number: str
) -> None:
    await newsbot("feeds", "add", "--unchecked", "https://first.example/rss", FEED)

    removed = await newsbot("feeds", "remove", number)

    assert removed.out == f"No longer polled: {FEED}\n"


async def test_who_removes_a_feed_of_a_list_is_told_that_the_list_brings_it_back(
    newsbot: Newsbot, server: FeedServer
) -> None:
    newsbot.write("feeds.txt", server.url("/news"), server.url("/page"))
    await newsbot("run", "--once", "--feeds", "feeds.txt")

    removed = await newsbot("feeds", "remove", "#1")
    listed = await newsbot("feeds", "remove", server.url("/page"))
    added = await newsbot("feeds", "add", "--unchecked", FEED)
    own = await newsbot("feeds", "remove", FEED)

    assert removed.out == f"No longer polled: {server.url('/news')}\n"
    assert removed.err == listed.err
    assert "with that list (--feeds FILE) brings it back; take it out there" in removed.err
    assert (added.out, own.err) == (f"Added: {FEED}\n", "")


async def test_a_feed_is_looked_at_before_it_is_added(newsbot: Newsbot, server: FeedServer) -> None:
    feed = server.url("/news")

    added = await newsbot("feeds", "add", feed)
    again = await newsbot("feeds", "add", feed)
    listed = await newsbot("feeds", "list")

    assert added.out == f"Added: {feed}  Harbour Wire, 2 entries\n"
    assert again.out == f"Polled already: {feed}\n"
    assert listed.out == f"ok   #1 {feed}  Harbour Wire (never polled)\n"


async def test_of_a_page_its_feed_is_added_and_of_several_none(
    newsbot: Newsbot, server: FeedServer
) -> None:
    news, more = server.url("/news"), server.url("/more")
    server.put("/more", Document(NEWS))
    server.put("/one", _page_with(news))
    server.put("/two", _page_with(news, more))

    several = await newsbot("feeds", "add", server.url("/one"), server.url("/two"), code=1)
    before = await newsbot("feeds", "list")
    added = await newsbot("feeds", "add", server.url("/one"), "--title", "Ours")
    listed = await newsbot("feeds", "list")

    assert several.out.splitlines() == [
        f"{server.url('/two')} has 2 feeds:",
        f"  {news}  Harbour Wire, 2 entries",
        f"  {more}  Harbour Wire, 2 entries",
    ]
    assert "nothing was added" in several.err
    assert before.out == ""
    assert added.out == f"Added: {news}  Harbour Wire, 2 entries, found at {server.url('/one')}\n"
    assert listed.out == f"ok   #1 {news}  Ours (never polled)\n"


@pytest.mark.parametrize(
    ("path", "why"), [("/gone", "answered 404"), ("/page", "is a web page, it names no feed")]
)
async def test_where_no_feed_is_nothing_is_added_unless_the_look_is_waived(
    newsbot: Newsbot, server: FeedServer, path: str, why: str
) -> None:
    asked = server.url(path)

    refused = await newsbot("feeds", "add", server.url("/news"), asked, code=2)
    listed = await newsbot("feeds", "list")
    added = await newsbot("feeds", "add", "--unchecked", asked)

    assert asked in refused.err
    assert why in refused.err
    assert "--unchecked" in refused.err
    assert (refused.out, listed.out) == ("", "")
    assert added.out == f"Added: {asked}\n"


async def test_what_can_be_no_feed_is_refused_and_nothing_is_added(newsbot: Newsbot) -> None:
    refused = await newsbot("feeds", "add", FEED, "ftp://harbour.example/", code=2)
    listed = await newsbot("feeds", "list")

    assert "ftp://harbour.example/" in refused.err
    assert listed.out == ""


async def test_before_the_first_run_the_list_says_what_to_do(newsbot: Newsbot) -> None:
    answer = await newsbot("feeds", "list")

    assert answer.out == ""
    assert "`newsbot run` starts with the" in answer.err
    assert newsbot.files() == []


async def test_an_exported_list_can_be_imported(newsbot: Newsbot) -> None:
    newsbot.write("feeds.txt", "# ours", FEED, "https://bay.example/atom.xml")

    imported = await newsbot("feeds", "import", "feeds.txt")
    shown = await newsbot("feeds", "export")
    await newsbot("feeds", "export", "feeds.opml")
    moved = await newsbot("feeds", "import", "feeds.opml", "--database", "other.sqlite3")

    assert imported.out.count("Added: ") == 2
    assert shown.out.startswith("<?xml")
    assert shown.out == (newsbot.folder / "feeds.opml").read_text(encoding="utf-8")
    assert sorted(moved.out.splitlines()) == sorted(imported.out.splitlines())


async def test_of_a_list_what_can_be_a_feed_is_imported_and_the_rest_is_told(
    newsbot: Newsbot,
) -> None:
    newsbot.write("feeds.txt", "ftp://harbour.example/", FEED, "bay")
    newsbot.write("none.txt", "ftp://harbour.example/")

    some = await newsbot("feeds", "import", "feeds.txt", code=1)
    none = await newsbot("feeds", "import", "none.txt", code=2)

    assert some.out == f"Added: {FEED}\n"
    assert some.err.splitlines()[1:] == [
        'feeds.txt:1: "ftp://harbour.example/" is no http or https address',
        'feeds.txt:3: "bay" is no http or https address',
        "newsbot: 2 lines were left out; the other feeds are polled",
    ]
    assert none.err.endswith("is no http or https address\nNothing was imported\n")


async def test_a_list_that_cannot_be_written_or_read_is_exit_code_2(newsbot: Newsbot) -> None:
    newsbot.write("page.html", "<html><body>No list.</body></html>")
    await newsbot("feeds", "add", "--unchecked", FEED)

    written, read = await asyncio.gather(
        newsbot("feeds", "export", "gone/feeds.opml", code=2),
        newsbot("feeds", "import", "page.html", code=2),
    )

    assert written.err == "newsbot: gone/feeds.opml: No such file or directory\n"
    assert "page.html:1" in read.err


async def test_check_says_what_is_wrong_and_stores_nothing(
    newsbot: Newsbot, server: FeedServer
) -> None:
    urls = [server.url(path) for path in ("/news", "/page", "/gone")]

    answer, fine = await asyncio.gather(
        newsbot("feeds", "check", *urls, code=1), newsbot("feeds", "check", urls[0])
    )

    found = sorted(line for line in answer.out.splitlines() if not line.startswith(" "))
    assert len(found) == 3
    assert found[0].startswith(f"FAIL {urls[2]}: answered 404")
    assert found[1].startswith(f"FAIL {urls[1]}: the document holds no feed")
    assert found[2].startswith(f"ok   {urls[0]}: 2 entries in ")
    assert "\n     there is nothing at its address any more. `newsbot feeds add` with" in answer.out
    assert "\n     there is a web page in its place. `newsbot feeds add` with" in answer.out
    assert answer.err == "newsbot: 1 of 3 feeds are fine\n"
    assert fine.out.startswith("ok   ")
    assert newsbot.files() == []


async def test_a_look_promises_no_other_one(newsbot: Newsbot, server: FeedServer) -> None:
    server.put("/busy", Document(status=503, headers={"Retry-After": "3600"}))
    busy, gone = server.url("/busy"), server.url("/gone")

    checked, added = await asyncio.gather(
        newsbot("feeds", "check", busy, code=1), newsbot("feeds", "add", gone, code=2)
    )

    first, advice = checked.out.splitlines()
    assert first.endswith("being repaired; it wants no request for 3600 s")
    assert advice.endswith("There is nothing to do but wait until that is over.")
    assert "there is no such address. Nothing was added; --unchecked adds" in added.err
    assert "asked again" not in checked.out + added.err


async def test_check_tells_what_else_a_feed_says(newsbot: Newsbot, server: FeedServer) -> None:
    server.put("/told", Document(TALKATIVE, headers={"Cache-Control": "max-age=60"}))
    server.put("/old", redirect(server.url("/told"), status=301))
    old = server.url("/old")

    answer, as_json = await asyncio.gather(
        newsbot("feeds", "check", old),
        newsbot("feeds", "check", "--json", old, server.url("/gone"), code=1),
    )

    first, *rest = answer.out.splitlines()
    assert first.startswith(f"ok   {old}: 1 entry in ")
    wish = "its publisher asks for a poll about every 30 minutes"
    assert [line.strip() for line in rest] == [
        f"Harbour Talk; newest of 2018-01-09 08:30 UTC; {wish}",
        f"moved for good to {server.url('/told')}",
        "its hub https://hub.example/ tells of news at once",
    ]
    lines = [json.loads(line) for line in as_json.out.splitlines()]
    bad, good = sorted(lines, key=lambda line: bool(line["ok"]))
    assert (good["title"], good["entries"], good["error"]) == ("Harbour Talk", 1, None)
    assert good["newest_at"] == "2018-01-09T08:30:00+00:00"
    assert (good["interval_s"], good["hub"]) == (1800.0, "https://hub.example/")
    assert good["moved_to"] == server.url("/told")
    assert (bad["url"], bad["ok"], bad["trouble"]) == (server.url("/gone"), False, "missing")
    assert bad["plain"] == "there is nothing at its address any more"
    assert bad["error"].startswith("answered 404 Not Found")


async def test_check_says_what_is_wrong_with_a_feed_that_is_read_all_the_same(
    newsbot: Newsbot, server: FeedServer
) -> None:
    server.put("/torn", Document(TALKATIVE.removesuffix(b"</channel></rss>")))

    answer = await newsbot("feeds", "check", server.url("/torn"))

    assert answer.out.startswith("ok   ")
    assert "\n     malformed, but read: " in answer.out


async def test_the_list_tells_rhythm_silence_and_flaws(newsbot: Newsbot) -> None:
    await newsbot("feeds", "add", "--unchecked", FEED, "--title", "Harbour Wire")
    now = datetime.now(UTC).replace(microsecond=0)
    async with await open_store(f"sqlite:///{newsbot.folder}/newsbot.sqlite3") as store:
        (feed,) = await store.find_feeds()
        quiet = replace(
            feed,
            polled_at=now,
            answered_at=now,
            changed_at=now - timedelta(days=4),
            next_due_at=now + timedelta(minutes=30),
            gap_s=14_400.0,
            flaw="an & stands alone",
        )
        await store.commit_poll(PollOutcome(quiet, now))

    listed, doctor = await asyncio.gather(newsbot("feeds", "list"), newsbot("doctor"))

    first, *rest = listed.out.splitlines()
    assert quiet.changed_at
    assert first == f"QUIET #1 {FEED}  Harbour Wire (polled {now:%d %b %H:%M} UTC)"
    assert [line.strip() for line in rest] == [
        "asked about every 30 minutes; brings about 6 entries a day",
        f"far quieter than usual: nothing new since {tell_moment(quiet.changed_at, now=now)}",
        "malformed, but read: an & stands alone",
    ]
    assert "feeds: 1 polled, 0 failing, 1 silent" in doctor.out


async def test_lists_show_keys_of_feeds_only_when_asked(
    newsbot: Newsbot, server: FeedServer
) -> None:
    url = server.url("/gone?topic=phones&token=hunter2")
    newsbot.write("feeds.txt", url)
    await newsbot("run", "--once", "--feeds", "feeds.txt")

    listed, full, doctor, checked = await asyncio.gather(
        newsbot("feeds", "list"),
        newsbot("feeds", "list", "--full"),
        newsbot("doctor"),
        newsbot("feeds", "check", code=1),
    )

    masked = server.url("/gone?topic=phones&token=***")
    assert listed.out.startswith(f"FAIL #1 {masked} (polled ")
    assert full.out.startswith(f"FAIL #1 {url} (polled ")
    assert f"feed: #1 {masked}: there is nothing at its address any more" in doctor.out
    assert checked.out.startswith(f"FAIL {masked}: answered 404")
    assert "hunter2" not in listed.out + doctor.out + checked.out


async def test_doctor_looks_at_the_list_that_the_bot_is_given(newsbot: Newsbot) -> None:
    newsbot.write("feeds.txt", FEED, "https://bay.example/atom.xml")

    answer = await newsbot("doctor", "--feeds", "feeds.txt")

    assert "feed list: 2 feeds in feeds.txt" in answer.out


async def test_the_list_says_why_a_feed_failed(newsbot: Newsbot, server: FeedServer) -> None:
    newsbot.write("feeds.txt", server.url("/page"))
    await newsbot("run", "--once", "--feeds", "feeds.txt")

    answer = await newsbot("feeds", "list")

    first, second, advice, rhythm = answer.out.splitlines()
    assert first.startswith(f"FAIL #1 {server.url('/page')} (polled ")
    assert second.strip().startswith("failed once since ")
    assert ", asked again " in second
    assert "there is a web page in its place (the document holds no feed: it is an HTML" in second
    assert advice.strip().startswith("`newsbot feeds add` with that page's address finds its feed")
    assert rhythm.strip().startswith("asked about every ")


async def test_a_feed_that_breaks_and_is_back_is_told_once_each_on_the_console(
    newsbot: Newsbot, server: FeedServer
) -> None:
    url = server.url("/told")
    newsbot.write("feeds.txt", url)
    server.put("/told", Document(status=410))

    early = await newsbot("run", "--once", "--now", "--feeds", "feeds.txt")
    async with await open_store(f"sqlite:///{newsbot.folder}/newsbot.sqlite3") as store:
        (feed,) = await store.find_feeds()
        since = datetime.now(UTC) - timedelta(hours=2)
        await store.commit_poll(PollOutcome(replace(feed, failures=3, failing_since=since), since))
    first, again = [
        await newsbot("run", "--once", "--now", "--feeds", "feeds.txt") for _ in range(2)
    ]
    server.put("/told", Document(TALKATIVE))
    back, later = [
        await newsbot("run", "--once", "--now", "--feeds", "feeds.txt") for _ in range(2)
    ]

    assert first.out.startswith("Feed #1 cannot be read any more\n")
    assert "What is wrong: its publisher took it away for good" in first.out
    assert "feed #1 " in first.err
    assert "is broken since" in first.err
    assert back.out.startswith("Harbour Talk can be read again\n")
    assert (early.out, again.out, later.out) == ("", "", "")
