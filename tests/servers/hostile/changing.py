"""Feeds that lie from poll to poll: about what is new, who they are, and where they live."""

from __future__ import annotations

from datetime import timedelta

from bot.errors import Trouble
from tests.servers.hostile.case import (
    CALM,
    CANARY,
    HTML,
    Call,
    Case,
    Expect,
    Serve,
    in_turn,
    item,
    rss,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UPKEEP = "<html><head><title>Maintenance</title></head><body>Back soon.</body></html>"
FLOOD = 400
TOWNS = ("Aro", "Bel", "Cor", "Dun", "Esk", "Fal", "Gor", "Hul", "Ith", "Jor")


def flood_headline(number: int) -> str:
    """News of another phone, another town and another sum each time."""
    maker = ("Huawei", "Oppo", "Xiaomi", "OnePlus", "Motorola")[number % 5]
    carrier = ("Verizon", "Vodafone", "T-Mobile", "AT&amp;T", "Telefonica")[number // 5 % 5]
    town = TOWNS[number // 25 % 10] + TOWNS[number // 7 % 10].lower() + "ton"
    return f"{maker} X{number * 37 + 11} goes on sale at {carrier} shops in {town}"


async def new_guids(call: Call) -> None:
    """Other guids at each poll, the same articles."""
    await call.answer(rss(*(item(n, guid=f"{n}-{call.count}") for n in range(3)), CALM))


async def new_guids_and_schemes(call: Call) -> None:
    """Guids that are links, over http and https in turn."""
    scheme = ("http", "https")[call.count % 2]
    named = f"{scheme}://hostile.example/1"
    await call.answer(rss(item("1", guid=named, link=named), CALM))


async def new_tracking(call: Call) -> None:
    """No guids, and links that carry another campaign at each poll."""
    link = f"https://hostile.example/1?id=7&amp;utm_source=p{call.count}"
    await call.answer(rss(item("1", guid="", link=link), CALM))


async def endless_edits(call: Call) -> None:
    """Another headline and another text at each poll."""
    more = f"<description>Version {call.count} of the report.</description>"
    news = [item("1", f"Huawei P20 dropped by AT&amp;T, version {call.count}", more=more)]
    await call.answer(rss(*(news if call.count else []), CALM))


async def endless_dates(call: Call) -> None:
    """Another date at each poll."""
    more = f"<pubDate>Tue, 09 Jan 2018 08:{call.count:02}:00 +0000</pubDate>"
    await call.answer(rss(*([item("1", more=more)] if call.count else []), CALM))


def tagged(etag: str, *, modified: str = "", always_unchanged: bool = False) -> Serve:
    """One more item at each poll, behind validators; ``{n}`` in them is the poll's number."""

    async def serve(call: Call) -> None:
        fields = [f"ETag: {etag.format(n=call.count)}"]
        fields += [f"Last-Modified: {modified}"] if modified else []
        wishes = {"if-none-match", "if-modified-since"} & set(call.fields)
        if always_unchanged and wishes:
            await call.answer(b"", *fields, status="304 Not Modified")
        else:
            await call.answer(rss(*(item(n) for n in range(call.count)), CALM), *fields)

    return serve


def moving(status: int, *targets: str, upkeep: bool = False) -> Serve:
    """Redirects the feed to each of ``targets`` in turn, "" for none; a feed is at all of them.

    ``upkeep``: there is a page for people instead.
    """

    async def serve(call: Call) -> None:
        # Its own address is counted, so that a redirect's target sees the next number.
        target = targets[min(call.count, len(targets) - 1)].replace("{port}", str(call.port))
        if call.path == "/feed" and target:
            await call.answer(b"", f"Location: {target}", status=f"{status} Moved")
        elif call.path != "/feed" and upkeep:
            await call.answer(UPKEEP, HTML)
        else:
            await call.answer(rss(CALM))

    return serve


ARCHIVE = [item(n, flood_headline(n)) for n in range(40)]
NEWS = item("news")

IDENTITIES = (
    Case(
        name="guids-change",
        does="other guids at each poll, the same articles",
        serve=new_guids,
        expect=Expect(entries=4),
        polls=4,
    ),
    Case(
        name="guids-change-scheme",
        does="guids and links over http and https in turn",
        serve=new_guids_and_schemes,
        expect=Expect(entries=2),
        polls=4,
    ),
    Case(
        name="links-change",
        does="no guids, another campaign in each link at each poll",
        serve=new_tracking,
        expect=Expect(entries=2),
        polls=4,
    ),
    Case(
        name="one-guid-for-all",
        does="one guid for all entries, of which one is new at the second poll",
        serve=in_turn(
            rss(*(item(n, guid="same") for n in range(5))),
            rss(item("new", guid="same"), *(item(n, guid="same") for n in range(5))),
        ),
        expect=Expect(entries=6, posts=1),
        polls=3,
    ),
    Case(
        name="no-guid-at-all",
        does="neither guids nor links, one new entry at the second poll",
        serve=in_turn(
            rss(*(f"<item><title>{flood_headline(n)}</title></item>" for n in range(5))),
            rss(*(f"<item><title>{flood_headline(n)}</title></item>" for n in (9, 0, 1, 2, 3, 4))),
        ),
        expect=Expect(entries=6, posts=1),
        polls=3,
    ),
    Case(
        name="one-entry-many-times",
        does="the same entry a thousand times in one document",
        serve=in_turn(rss(CALM), rss(*([NEWS] * 1000))),
        expect=Expect(entries=2, posts=1),
        polls=2,
    ),
)

EDITS = (
    Case(
        name="endless-edits",
        does="another headline and another text at each of thirty polls",
        serve=endless_edits,
        expect=Expect(entries=2, posts=1, edits=30),
        polls=30,
        apart=HOUR,
    ),
    Case(
        name="endless-dates",
        does="another date at each of twenty polls",
        serve=endless_dates,
        expect=Expect(entries=2, posts=1, edits=20),
        polls=20,
        apart=HOUR,
    ),
    Case(
        name="flood",
        does="400 new entries at one poll",
        serve=in_turn(rss(CALM), rss(*(item(n, flood_headline(n)) for n in range(FLOOD)), CALM)),
        expect=Expect(entries=FLOOD + 1, posts=FLOOD),
        polls=2,
    ),
    Case(
        name="archive-again",
        does="an archive that was listed, gone for two weeks, and is listed again",
        serve=in_turn(rss(*ARCHIVE, CALM), rss(CALM), rss(*ARCHIVE, CALM)),
        expect=Expect(entries=len(ARCHIVE) + 1),
        polls=3,
        apart=timedelta(days=14),
    ),
    Case(
        name="empty-between",
        does="an empty feed and a page for people between two good answers",
        serve=in_turn(rss(*ARCHIVE), rss(), UPKEEP, rss(*ARCHIVE)),
        expect=Expect(entries=len(ARCHIVE)),
        polls=4,
        apart=DAY,
    ),
)

LIES = (
    Case(
        name="etag-always-304",
        does="304 for ever, though there is news; asked without validators once a day",
        serve=tagged('"same"', always_unchanged=True),
        expect=Expect(entries=13, posts=12),
        polls=13,
        apart=timedelta(hours=6),
    ),
    Case(
        name="etag-rubbish",
        does="validators of stray quotes, of no charset, and of 8 KB",
        serve=tagged('""\'\xff{n}' + "e" * 8000, modified="yesterday"),
        expect=Expect(entries=3, posts=2),
        polls=3,
    ),
    Case(
        name="modified-2041",
        does="a Last-Modified of 2041, and 304 for ever",
        serve=tagged('""', modified="Fri, 01 Nov 2041 00:00:00 GMT", always_unchanged=True),
        expect=Expect(entries=9, posts=8),
        polls=9,
        apart=timedelta(hours=6),
    ),
)

MOVES = (
    Case(
        name="moved-for-good",
        does="301 to another path for ten days",
        serve=moving(301, "/new"),
        expect=Expect(entries=1, moved="/new"),
        polls=10,
        apart=DAY,
    ),
    Case(
        name="moved-for-an-hour",
        does="308 to another path once, then home again",
        serve=moving(308, "", "/new", ""),
        expect=Expect(entries=1),
        polls=10,
        apart=DAY,
    ),
    Case(
        name="moved-to-and-fro",
        does="301 to two paths in turn for ten days",
        serve=moving(301, *(("/one", "/two") * 10)),
        expect=Expect(entries=1),
        polls=10,
        apart=DAY,
    ),
    Case(
        name="moved-for-now",
        does="302 for ten days",
        serve=moving(302, "/new"),
        expect=Expect(entries=1),
        polls=10,
        apart=DAY,
    ),
    Case(
        name="moved-to-a-page",
        does="301 to a page for people for ten days",
        serve=moving(301, "", "/upkeep", upkeep=True),
        expect=Expect(entries=1, trouble=Trouble.PAGE),
        polls=10,
        apart=DAY,
    ),
    Case(
        name="moved-to-the-canary",
        does="301 to an internal address for ten days",
        serve=moving(301, "", f"http://{CANARY}:{{port}}/feed"),
        expect=Expect(entries=1, trouble=Trouble.REFUSED_ADDRESS),
        polls=10,
        apart=DAY,
    ),
)

CASES = (*IDENTITIES, *EDITS, *LIES, *MOVES)
