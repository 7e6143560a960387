"""What strangers wrote stays text: in pages, in attributes, in feeds."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from selectolax.lexbor import LexborHTMLParser as Html

from bot.model import Destination, FeedSpec, Platform, Tie, TieKind
from bot.store import SqlStore, open_store
from tests.builders import NOW, coverage, delivery, story
from tests.contract.polls import add_feed, commit_stories, new_entry, outcome
from tests.web.visits import find, visit

ID = "aaaaaaaaaa"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
BREAKOUT = "\"'><svg onload=alert(1)>"
FORGED = "safe\u202egnp.exe\x1b[31m\u200b"
LINKS = (
    "javascript:alert(1)",
    "data:text/html,x",
    "JaVaScRiPt:x",
    " vbscript:x",
    "//user@x.example",
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """Everything that a stranger can name is an attack."""
    async with await open_store(f"sqlite:///{tmp_path}/page.sqlite3") as opened:
        bad = [coverage(f"{BREAKOUT}{n}", title=SCRIPT, link=link) for n, link in enumerate(LINKS)]
        attacked = story(
            ID,
            headline=SCRIPT + FORGED,
            summary=BREAKOUT + "\x00\x08\ufffe",
            outlet=SCRIPT,
            link=LINKS[0],
            lang='"><script>',
            coverage=(coverage(SCRIPT, link=LINKS[0]), *bad),
            tie=Tie(TieKind.DENIED, "bbbbbbbbbb", SCRIPT, LINKS[0]),
        )
        wire = await add_feed(opened, "https://wire.example/<script>", title=SCRIPT)
        entry = new_entry(
            SCRIPT,
            entry={"link": LINKS[0]},
            story_id=ID,
            outlet=BREAKOUT,
            reasons=(SCRIPT,),
            filed=BREAKOUT,
        )
        failing = replace(
            wire, spec=FeedSpec(wire.url, SCRIPT), failures=1, error=SCRIPT, polled_at=NOW
        )
        await opened.commit_poll(outcome(failing, entry, stories=(attacked,)))
        town = Destination(Platform.DISCORD, SCRIPT, BREAKOUT)
        await commit_stories(opened, story("cccccccccc"), owed=(delivery("cccccccccc", town),))
        await opened.park(town, reason=SCRIPT)
        yield opened


PATHS = ("/", "/?lang=zh", "/matrix", f"/story/{ID}", "/feeds", "/deliveries", "/overview")


async def test_no_word_of_a_stranger_becomes_markup(store: SqlStore) -> None:
    async with visit(store) as client:
        for path in (*PATHS, "/?text=%3Cscript%3E&outlet=%22%3E%3Cscript%3E"):
            answer = await client.get(path)
            assert answer.status_code == 200
            _check_inert(answer.text)


def _check_inert(text: str) -> None:
    page = Html(text)
    assert not page.css("script, svg, img, iframe, object, embed, style")
    for node in page.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on"), (node.tag, name)
            if name in {"href", "src", "action"}:
                assert not str(value).strip().lower().startswith(("javascript", "data", "vbscript"))
    for sign in ("\u202e", "\x1b", "\u200b", "\x00"):
        assert sign not in text


async def test_a_link_that_leads_nowhere_good_is_none(store: SqlStore) -> None:
    async with visit(store) as client:
        page = Html((await client.get(f"/story/{ID}")).text)

    outward = [one.attributes["href"] for one in page.css("main a[rel]")]
    assert outward == []
    assert "<script>alert(1)</script>" in find(page, "h1").text()


async def test_feeds_stay_whole_and_hold_text_alone(store: SqlStore) -> None:
    async with visit(store) as client:
        atom = ET.fromstring((await client.get("/feed.atom")).text)
        items = json.loads((await client.get("/feed.json")).text)["items"]

    contents = [one.text or "" for one in atom.iter("{http://www.w3.org/2005/Atom}content")]
    contents += [item["content_html"] for item in items]
    assert len(contents) == 4
    for content in contents:
        page = Html(content)
        assert not page.css("script, svg, img, style")
        assert not [a for a in page.css("a") if not str(a.attributes["href"]).startswith("http")]
    assert all(
        "javascript" not in str(link.get("href")) for link in atom.iter() if link.get("href")
    )
    assert all(item["url"].startswith("http") for item in items)


async def test_an_error_repeats_nothing_unescaped(store: SqlStore) -> None:
    async with visit(store) as client:
        for path in ("/?kind=<script>alert(1)</script>", "/<script>", "/feeds?state=<script>"):
            answer = await client.get(path)
            assert answer.status_code in {400, 404}
            assert "<script>" not in answer.text
