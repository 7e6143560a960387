from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.commands.answer import Answer, File, Tone
from bot.commands.command import Need, Upload
from bot.commands.feedlists import MAX_IMPORTED, ON_A_PAGE
from bot.commands.table import TABLE, find_command_or_none
from bot.errors import InputInvalid
from bot.fetching import WebFeedFinder
from bot.model import CONSOLE, Destination, FeedOrigin, FeedSpec, Platform
from bot.parsing.opml import read_opml
from bot.scheduling.workers import ParserPool
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.commands.calls import make_call, say
from tests.fetching.lab import fetcher
from tests.parsing.documents import item, rss
from tests.parsing.pages import page
from tests.servers.feeds import Document, FeedServer

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one pool of workers for all

THERE = Destination(Platform.DISCORD, "g2", "c9")
WIRE = Document(rss(item("Huawei ban looms"), item("Rain")).encode())
HTML = "text/html"
PAGE = Document(
    page(
        head="<link rel=alternate type=application/rss+xml href=/rss>"
        "<link rel=alternate type=application/rss+xml href=/phones>"
    ).encode(),
    HTML,
)
PHONES = Document(rss(item("A phone"), channel="<title>Phones</title>").encode())
OWNED = FeedSpec("https://own.example/rss?key=secret", "Own Wire")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def finder(pool: ParserPool) -> AsyncIterator[WebFeedFinder]:
    async with fetcher() as opened:  # as if loopback were public
        yield WebFeedFinder(opened.exchange, parser=pool, links=pool, clock=lambda: NOW)


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[FeedServer]:
    documents = {"/rss": WIRE, "/": PAGE, "/phones": PHONES, "/text": Document(b"hello", "text/x")}
    async with FeedServer(documents) as opened:
        yield opened


async def use(
    store: SqlStore, verb: str, finder: WebFeedFinder | None = None, **values: Any
) -> Answer:
    office = {"finder": finder, **values.pop("office", {})}
    command = find_command_or_none("feeds", verb)
    assert command is not None
    return await command.run(make_call(store, office=office, **values))


async def own(store: SqlStore, spec: FeedSpec = OWNED, by: str = "discord/g1") -> None:
    await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW, added_by=by)


async def test_all_of_it_needs_a_manager_of_the_server() -> None:
    feeds = [command for command in TABLE if command.noun == "feeds"]

    assert {command.need for command in feeds} == {Need.SERVER}
    assert [command.verb for command in feeds] == [
        "add",
        "remove",
        "list",
        "health",
        "import",
        "export",
    ]


async def test_a_feed_is_added_at_once_and_shown(
    store: SqlStore, finder: WebFeedFinder, server: FeedServer
) -> None:
    answer = await use(store, "add", finder, address=server.url("/rss"))

    (feed,) = await store.find_feeds()
    assert (feed.url, feed.added_by, feed.next_due_at) == (server.url("/rss"), "discord/g1", NOW)
    assert (feed.added_person, feed.added_at) == ("u1", NOW)
    assert (answer.title, answer.tone) == ("Added: Example Wire", Tone.DONE)
    text = say(answer)
    assert "Entries now: 2\n# Newest\nHuawei ban looms\nRain\n" in text
    assert "Its first reading is history" in text
    assert "If it breaks or falls silent, I tell you." in text
    assert f"> /feeds health #{feed.id}" in text


async def test_a_title_of_ones_own_is_kept(
    store: SqlStore, finder: WebFeedFinder, server: FeedServer
) -> None:
    await use(store, "add", finder, address=server.url("/rss"), title="My wire")

    assert [feed.name for feed in await store.find_feeds()] == ["My wire"]


async def test_of_a_page_with_several_feeds_one_is_to_be_chosen(
    store: SqlStore, finder: WebFeedFinder, server: FeedServer
) -> None:
    answer = await use(store, "add", finder, address=server.url("/"))

    assert await store.find_feeds() == ()
    assert answer.title == "That page has 2 feeds: which one?"
    text = say(answer)
    assert f"# Phones\n1 entry, newest: A phone\n> /feeds add {server.url('/phones')}" in text


async def test_what_is_read_already_is_said(
    store: SqlStore, finder: WebFeedFinder, server: FeedServer
) -> None:
    await use(store, "add", finder, address=server.url("/rss"))
    count = len(server.asked)

    answer = await use(store, "add", finder, address=server.url("/rss"), place=THERE)

    assert answer.title == "Read already: Example Wire"
    assert len(server.asked) == count
    (feed,) = await store.find_feeds()
    assert feed.added_by == "discord/g1"


@pytest.mark.parametrize(
    ("path", "said"),
    [("/gone", "404 Not Found: there is no such address. Nothing was added")],
)
async def test_a_server_at_fault_is_a_refusal_in_words(
    store: SqlStore, finder: WebFeedFinder, server: FeedServer, path: str, said: str
) -> None:
    answer = await use(store, "add", finder, address=server.url(path))

    assert answer.tone is Tone.REFUSED
    assert said in answer.title
    assert "asked again" not in answer.title


async def test_an_address_that_is_not_public_is_refused_with_who_can_help(
    store: SqlStore, pool: ParserPool, server: FeedServer
) -> None:
    async with fetcher() as opened:
        strict = WebFeedFinder(opened.strangers, parser=pool, links=pool, clock=lambda: NOW)
        answer = await use(store, "add", strict, address=server.url("/rss"))

    assert answer.tone is Tone.REFUSED
    assert "Whoever runs the bot can add others." in answer.title
    assert "fetch." not in answer.title
    assert server.asked == []


async def test_what_is_no_feed_is_told(
    store: SqlStore, finder: WebFeedFinder, server: FeedServer
) -> None:
    with pytest.raises(InputInvalid, match="Name the address of a feed"):
        await use(store, "add", finder, address=server.url("/text"))


@pytest.mark.parametrize("verb", ["add", "remove", "import"])
@pytest.mark.parametrize("office", [{"is_feeds_open": False}, {}])
async def test_where_feeds_are_closed_nothing_changes(
    store: SqlStore, finder: WebFeedFinder, verb: str, office: dict[str, Any]
) -> None:
    await own(store)
    closed = finder if office else None

    answer = await use(
        store, verb, closed, office=office, feed=OWNED.url, address="https://wire.example/"
    )

    assert answer.tone is Tone.REFUSED
    assert "Ask whoever runs the bot" in answer.title
    assert len(await store.find_feeds()) == 1


@pytest.mark.parametrize("said", [OWNED.url, "#1", "1", "own wire", f"<{OWNED.url}>"])
async def test_who_added_a_feed_can_remove_it(
    store: SqlStore, finder: WebFeedFinder, said: str
) -> None:
    await own(store)

    answer = await use(store, "remove", finder, feed=said)

    assert (answer.title, answer.tone) == ("No longer read: Own Wire", Tone.DONE)
    assert await store.find_feeds() == ()


async def test_whoever_runs_the_bot_is_told_that_a_list_brings_it_back(
    store: SqlStore, finder: WebFeedFinder
) -> None:
    await store.sync_feeds([OWNED], now=NOW, spread=timedelta(0))

    answer = await use(store, "remove", finder, feed="#1", place=CONSOLE)

    assert "the next start with that list brings it back" in say(answer)
    await store.add_feed(OWNED, origin=FeedOrigin.ADDED, now=NOW)
    again = await use(store, "remove", finder, feed="#1", place=CONSOLE)
    assert "brings it back" not in say(again).partition("/feeds add")[0]


@pytest.mark.parametrize(
    ("by", "said"),
    [("", "Whoever runs the bot added Own Wire"), ("discord/g2", "The people of another server")],
)
async def test_others_feeds_stay(
    store: SqlStore, finder: WebFeedFinder, by: str, said: str
) -> None:
    await own(store, by=by)

    answer = await use(store, "remove", finder, feed="#1")

    assert answer.tone is Tone.REFUSED
    assert answer.title.startswith(said)
    assert len(await store.find_feeds()) == 1


async def test_a_feed_that_is_not_there_is_said_with_the_nearest(
    store: SqlStore, finder: WebFeedFinder
) -> None:
    await own(store, FeedSpec("https://wire.example/rss?key=secret"), by="discord/g2")

    with pytest.raises(InputInvalid) as caught:
        await use(store, "remove", finder, feed="https://wire.example/rss?key=")

    said = "Did you mean #1 https://wire.example/rss?…? /feeds list shows them all."
    assert str(caught.value).endswith(said)


async def test_the_list_comes_in_pages_with_those_added_here_first(store: SqlStore) -> None:
    for number in range(ON_A_PAGE + 1):
        await own(store, FeedSpec(f"https://wire.example/{number:02}?key=1"), by="discord/g2")
    await own(store, FeedSpec("https://zulu.example/rss?key=1", "Zulu"))

    first, second = [await use(store, "list", page=page) for page in (1, 2)]

    assert first.title == "22 feeds are read, page 1 of 2"
    lines = say(first).split("\n")
    assert lines[1] == "#22 Zulu: https://zulu.example/rss?key=1 (added here)"
    assert lines[2] == "#1 https://wire.example/00?…"
    assert "> /feeds list page:2 shows the next of 2 pages" in lines
    assert "#21 https://wire.example/20?…" in say(second)
    with pytest.raises(InputInvalid, match="pages 1 to 2; there is no page 3"):
        await use(store, "list", page=3)


@pytest.mark.parametrize("verb", ["list", "health", "export"])
async def test_without_feeds_the_answer_says_how_to_begin(store: SqlStore, verb: str) -> None:
    answer = await use(store, verb)

    assert say(answer) == "No feed is read yet\n> /feeds add adds the first one"


async def test_an_import_adds_what_is_good_and_tells_what_is_not(
    store: SqlStore, finder: WebFeedFinder
) -> None:
    await own(store)
    text = f"# mine\nhttps://a.example/rss First\nnonsense\n{OWNED.url}\nhttps://b.example/rss\n"

    answer = await use(store, "import", finder, file=Upload("list.txt", text.encode()))

    assert (answer.title, answer.tone) == ("Added from list.txt: 2 feeds", Tone.CAUTION)
    assert not answer.changed_nothing
    lines = say(answer).split("\n")
    assert lines[1] == "1 was read already."
    assert lines[4] == 'list.txt, line 3: "nonsense" is no http or https address'
    feeds = {feed.url: feed for feed in await store.find_feeds()}
    assert feeds["https://a.example/rss"].spec.title == "First"
    assert feeds["https://b.example/rss"].added_by == "discord/g1"
    assert feeds["https://b.example/rss"].added_person == "u1"


async def test_an_import_leaves_out_what_add_would_refuse_by_its_address(
    store: SqlStore, pool: ParserPool
) -> None:
    await own(store, FeedSpec("http://127.0.0.1/rss", "The operator's"), by="")
    lines = (
        "http://192.168.0.1/rss",
        "http://[::1]/rss",
        "http://2130706433/rss",
        "http://127.0.0.1/rss",
        "https://a.example/rss",
    )
    async with fetcher(allow=()) as opened:
        strict = WebFeedFinder(opened.strangers, parser=pool, links=pool, clock=lambda: NOW)
        file = Upload("list.txt", "\n".join(lines).encode())
        answer = await use(store, "import", strict, file=file)

    assert answer.title == "Added from list.txt: 1 feed"
    said = say(answer)
    for number, line in enumerate(lines[:3], 1):
        assert f"list.txt, line {number}: {line}" in said
    assert "list.txt, line 4" not in said
    assert {feed.url for feed in await store.find_feeds()} == set(lines[3:])


@pytest.mark.parametrize(
    "title", ["https://b.example/rss", "www.b.example", "and http://b.example"]
)
async def test_an_address_is_no_title(store: SqlStore, finder: WebFeedFinder, title: str) -> None:
    with pytest.raises(InputInvalid, match="one feed at a time"):
        await use(store, "add", finder, address="https://a.example/rss", title=title)

    assert await store.find_feeds() == ()


async def test_an_export_can_be_imported_and_has_nothing_of_others(
    store: SqlStore, finder: WebFeedFinder
) -> None:
    await own(store)
    await own(store, FeedSpec("https://wire.example/rss", "Wire & more"), by="")
    await own(store, FeedSpec("https://theirs.example/rss"), by="discord/g2")

    answer = await use(store, "export")

    (file,) = [part for part in answer.parts if isinstance(part, File)]
    assert answer.title == "2 feeds as OPML, for any feed reader"
    assert {one.spec.url for one in read_opml(file.content)} == {
        OWNED.url,
        "https://wire.example/rss",
    }
    again = await use(store, "import", finder, file=Upload(file.name, file.content))
    assert again.title == "Added from feeds.opml: 0 feeds"
    assert answer.changed_nothing  # so neither is put on record
    assert again.changed_nothing
    assert "2 were read already." in say(again)


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (None, "Give a file"),
        (Upload("x.opml", b"<html/>"), "x.opml, line 1: is no OPML: it begins with <html>"),
        (Upload("x.txt", b"\xff\xfe\xff"), "x.txt, line 1: is not UTF-8"),
        (Upload("x.txt", b"nothing\n"), 'line 1: "nothing" is no http or https address'),
        (Upload("x.txt", b"# empty\n"), "x.txt names no feed."),
        (Upload("x.txt", b"x" * 1_048_577), "x.txt is larger than 1 MiB"),
        (
            Upload(
                "x.txt",
                "\n".join(f"https://wire.example/{n}" for n in range(MAX_IMPORTED + 1)).encode(),
            ),
            "names 501 feeds; 500 at a time is the most",
        ),
    ],
)
async def test_a_file_that_cannot_be_read_adds_nothing(
    store: SqlStore, finder: WebFeedFinder, upload: Upload | None, said: str
) -> None:
    with pytest.raises(InputInvalid) as caught:
        await use(store, "import", finder, file=upload)

    assert said in str(caught.value)
    assert await store.find_feeds() == ()


async def test_one_server_cannot_fill_the_bot(store: SqlStore, finder: WebFeedFinder) -> None:
    first = "\n".join(f"https://wire.example/{number}" for number in range(MAX_IMPORTED))
    await use(store, "import", finder, file=Upload("a.txt", first.encode()))

    with pytest.raises(InputInvalid, match="500 feeds were added here, and 500 is the most"):
        await use(store, "add", finder, address="https://wire.example/more")
    with pytest.raises(InputInvalid, match="/feeds remove makes room"):
        await use(store, "import", finder, file=Upload("b.txt", b"https://b.example/rss"))


async def test_a_list_of_one_page_has_no_other(store: SqlStore) -> None:
    await own(store, FeedSpec("https://wire.example/rss", "Wire"))

    with pytest.raises(InputInvalid, match="The list has one page only; there is no page 2"):
        await use(store, "list", page=2)
