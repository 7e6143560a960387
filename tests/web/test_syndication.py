"""The stories as Atom and JSON Feed: what the two specifications ask, and what readers need.

Source: RFC 4287 §4.1.1 (a feed has id, title, updated, an author, a self link), §4.1.2 (an
entry has id, title, updated, and a link or content); https://www.jsonfeed.org/version/1.1/.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import feedparser
import pytest

from bot.model import Tie, TieKind
from bot.store import SqlStore, open_store
from bot.web.access import Keys
from tests.builders import NOW, coverage, story
from tests.contract.polls import commit_stories
from tests.web.visits import visit

ATOM = "{http://www.w3.org/2005/Atom}"
DEAL, TURN = "aaaaaaaaaa", "bbbbbbbbbb"
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """A deal that a second outlet reports, and its denial, without a link."""
    async with await open_store(f"sqlite:///{tmp_path}/page.sqlite3") as opened:
        deal = story(DEAL, lang="en", coverage=(coverage(), coverage("Pocket & Line")))
        turn = story(TURN, headline="Not so", link=None, makers=("zte",), summary="")
        tie = Tie(TieKind.DENIED, DEAL, "Huawei <fails>", None)
        await commit_stories(opened, deal, replace(turn, tie=tie))
        yield opened


async def get(store: SqlStore, path: str, **headers: str) -> str:
    async with visit(store) as client:
        answer = await client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text


async def test_atom_has_every_element_that_its_rules_ask_for(store: SqlStore) -> None:
    feed = ET.fromstring(await get(store, "/feed.atom"))

    for name in ("id", "title", "updated"):
        assert len(feed.findall(ATOM + name)) == 1, name
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    rels = [link.get("rel") for link in feed.findall(f"{ATOM}link")]
    assert sorted(map(str, rels)) == ["alternate", "self"]
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 2
    for entry in entries:
        for name in ("id", "title", "updated", "published", "content"):
            assert len(entry.findall(ATOM + name)) == 1, name
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
        links = [link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len(links) == 1
        assert str(links[0].get("href")).startswith("http")
        for name in ("updated", "published"):
            assert MOMENT.fullmatch(entry.findtext(ATOM + name) or "")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert set(ids) == {f"tag:newsbot.invalid,2018:story/{one}" for one in (DEAL, TURN)}


async def test_a_feed_reader_reads_it_back(store: SqlStore) -> None:
    read = feedparser.parse(await get(store, "/feed.atom"))

    assert not read.bozo
    deal, turn = sorted(read.entries, key=lambda entry: entry.id)
    assert deal.title == "Huawei fails to get AT&T to sell its phones"
    assert deal.link == "https://example-wire.example/1"
    assert deal.author == "Example Wire"
    assert {tag.term for tag in deal.tags} == {"Huawei", "AT&T", "deal off"}
    assert "Pocket &amp; Line" in deal.content[0].value
    assert "Huawei &lt;fails&gt;" in turn.content[0].value
    assert turn.link.endswith(f"/story/{TURN}")


async def test_json_feed_has_what_its_rules_ask_for(store: SqlStore) -> None:
    feed = json.loads(await get(store, "/feed.json"))

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert feed["feed_url"].endswith("/feed.json")
    assert len(feed["items"]) == 2
    for item in feed["items"]:
        assert item["id"]
        assert item["content_html"]
        assert item["url"].startswith("http")
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        assert datetime.fromisoformat(item["date_modified"]).tzinfo
        assert all(author["name"] for author in item["authors"])
        assert all(isinstance(tag, str) for tag in item["tags"])


async def test_our_own_reader_takes_both(store: SqlStore) -> None:
    from bot.parsing import parse_feed  # noqa: PLC0415

    for path, kind in (("/feed.atom", "application/atom+xml"), ("/feed.json", "application/json")):
        read = parse_feed(
            (await get(store, path)).encode(), content_type=kind, url="http://a.example"
        )
        assert sorted(one.title for one in read.entries) == [
            "Huawei fails to get AT&T to sell its phones",
            "Not so",
        ]


async def test_filters_hold_for_feeds_too_and_give_them_an_id_of_their_own(
    store: SqlStore,
) -> None:
    every = ET.fromstring(await get(store, "/feed.atom"))
    cut = ET.fromstring(await get(store, "/feed.atom?maker=zte"))

    assert [one.text for one in cut.findall(f"{ATOM}entry/{ATOM}title")] == ["Not so"]
    assert cut.findtext(f"{ATOM}id") != every.findtext(f"{ATOM}id")
    assert "zte" in str(cut.findtext(f"{ATOM}title"))


async def test_ids_stay_the_same_under_every_address(store: SqlStore) -> None:
    def ids(text: str) -> list[str | None]:
        return [one.text for one in ET.fromstring(text).iter(f"{ATOM}id")]

    assert ids(await get(store, "/feed.atom", Host="localhost:1")) == ids(
        await get(store, "/feed.atom", Host="127.0.0.1:2")
    )


async def test_a_story_that_grows_is_updated_and_keeps_its_id(store: SqlStore) -> None:
    before = ET.fromstring(await get(store, "/feed.atom"))
    later = NOW + timedelta(hours=3)
    await commit_stories(store, story(DEAL, updated_at=later, coverage=(coverage(),)))
    after = ET.fromstring(await get(store, "/feed.atom"))

    def updates(feed: ET.Element) -> dict[str | None, str | None]:
        found = feed.findall(f"{ATOM}entry")
        return {one.findtext(f"{ATOM}id"): one.findtext(f"{ATOM}updated") for one in found}

    assert updates(before).keys() == updates(after).keys()
    assert after.findtext(f"{ATOM}updated") == "2018-01-09T11:30:00Z"
    assert updates(after)[f"tag:newsbot.invalid,2018:story/{DEAL}"] == "2018-01-09T11:30:00Z"


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json"])
async def test_readers_ask_whether_anything_is_new(store: SqlStore, path: str) -> None:
    async with visit(store) as client:
        first = await client.get(path)
        known = {"If-None-Match": first.headers["ETag"]}
        assert (await client.get(path, headers=known)).status_code == 304
        assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200

        await commit_stories(store, story(DEAL, updated_at=NOW + timedelta(hours=3)))
        assert (await client.get(path, headers=known)).status_code == 200


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json"])
async def test_no_date_hides_a_change_that_has_none(store: SqlStore, path: str) -> None:
    async with visit(store) as client:
        first = await client.get(path)
        await commit_stories(store, story(DEAL, makers=("zte",)))  # as a repair leaves it
        dated = {"If-Modified-Since": first.headers.get("Last-Modified", first.headers["Date"])}
        again = await client.get(path, headers=dated)

    assert again.status_code == 200
    assert "ZTE" in again.text


async def test_a_feed_with_nothing_in_it_is_one_all_the_same(tmp_path: Path) -> None:
    async with await open_store(f"sqlite:///{tmp_path}/empty.sqlite3") as empty:
        read = feedparser.parse(await get(empty, "/feed.atom"))
        assert (read.bozo, read.entries) == (False, [])
        assert json.loads(await get(empty, "/feed.json"))["items"] == []


async def test_addresses_are_those_of_the_proxy(store: SqlStore) -> None:
    public, token = "https://news.example.org/bot", "an-invented-token-of-a-test"
    async with visit(store, token=token, public_url=public) as client:
        text = (await client.get("/feed.atom", headers={"Authorization": f"Bearer {token}"})).text

    assert f'href="{public}/feed.atom"' in text
    assert f'href="{public}/story/{DEAL}"' in text
    assert Keys(lambda: NOW, token).feed_key not in text


async def test_the_address_that_a_feed_names_as_its_own_opens_it(store: SqlStore) -> None:
    token = "an-invented-token-of-a-test"
    key = Keys(lambda: NOW, token).feed_key
    async with visit(store, token=token) as client:
        atom = ET.fromstring((await client.get(f"/feed.atom?maker=zte&key={key}")).text)
        own = next(one for one in atom.iter(f"{ATOM}link") if one.get("rel") == "self")
        json_feed = (await client.get(f"/feed.json?maker=zte&key={key}")).json()

        for address in (str(own.get("href")), json_feed["feed_url"]):
            assert (await client.get(address)).status_code == 200
        assert key not in json_feed["home_page_url"] + json.dumps(json_feed["items"])
