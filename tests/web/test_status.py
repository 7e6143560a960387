"""The pages as whoever runs the bot finds them, over a real store and real HTTP."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as Html
from sqlalchemy import AsyncAdaptedQueuePool

from bot.errors import Trouble
from bot.matching import Watchers
from bot.model import Destination, Event, Platform, Tie, TieKind, Watch
from bot.store import SqlStore, open_store
from bot.web import words
from bot.web.asking import write_behind
from bot.web.rows import make_feed_row
from bot.web.site import AT_ONCE
from tests.builders import NOW, coverage, delivery, feed, story
from tests.contract.polls import add_feed, commit_stories, new_entry, outcome
from tests.web.visits import catalogue, find, visit

DAY = timedelta(days=1)
DEAL, DENIAL, CHINESE, DULL = "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "dddddddddd"
TOWN = Destination(Platform.DISCORD, "77", "1234")

PAGES = ("/", "/matrix", "/feeds", "/deliveries", "/overview", f"/story/{DEAL}")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """On SQLite alone: what differs between the engines is tested in tests/contract."""
    async with await open_store(f"sqlite:///{tmp_path}/page.sqlite3") as opened:
        yield opened


@pytest.fixture
async def told(store: SqlStore) -> SqlStore:
    """Four stories, one of which turns another."""
    others = (coverage("Pocket Line"), coverage("手机前线", link="javascript:alert(1)"))
    denial = Tie(TieKind.DENIED, DEAL, "Huawei fails", "https://example-wire.example/1")
    await commit_stories(
        store,
        story(DEAL, coverage=(coverage(), *others), lang="en"),
        story(
            CHINESE,
            headline="小米与运营商谈判",
            lang="zh",
            makers=("xiaomi",),
            carriers=("att", "verizon"),
            event=Event.DEAL,
            published_at=NOW - timedelta(hours=25),
        ),
        story(DULL, headline="Verizon", makers=(), carriers=("verizon",), is_pair=False),
    )
    later = NOW + timedelta(hours=1)
    await commit_stories(
        store, replace(story(DENIAL, headline="Not so", lang="fr", published_at=later), tie=denial)
    )
    return store


async def headlines(store: SqlStore, asked: str = "") -> list[str]:
    async with visit(store, now=NOW) as client:
        answer = await client.get(f"/{asked}")
        assert answer.status_code == 200, answer.text
        return [one.text(strip=True) for one in Html(answer.text).css("article h3")]


async def test_stories_come_newest_first_under_their_days(told: SqlStore) -> None:
    async with visit(told) as client:
        page = Html((await client.get("/")).text)

    days = [one.text(strip=True) for one in page.css("section.day h2")]
    assert days == ["Tuesday, 9 January 2018", "Monday, 8 January 2018"]
    assert [one.text(strip=True) for one in page.css("article h3")] == [
        "Not so",
        "Huawei fails to get AT&T to sell its phones",
        "Verizon",
        "小米与运营商谈判",
    ]
    assert find(page, f"#s{CHINESE}").attributes["lang"] == "zh"
    assert find(page, "article time").attributes["datetime"] == "2018-01-09T09:30:00Z"


async def test_a_turn_stands_at_its_time_and_below_what_it_turns(told: SqlStore) -> None:
    async with visit(told) as client:
        page = Html((await client.get("/")).text)

    turn, deal = page.css("article")[:2]
    assert find(turn, ".tie a").attributes["href"] == f"story/{DEAL}"
    assert find(turn, ".mark.turn").text() == "denied"
    assert find(deal, ".turns a").attributes["href"] == f"story/{DENIAL}"


async def test_filters_narrow_what_is_shown(told: SqlStore) -> None:
    deal, chinese = "Huawei fails to get AT&T to sell its phones", "小米与运营商谈判"
    for asked, found in (
        ("?maker=xiaomi", [chinese]),
        ("?carrier=verizon", ["Verizon", chinese]),
        ("?maker=xiaomi&carrier=att&pairs=1", [chinese]),
        ("?kind=deal", [chinese]),
        ("?outlet=pocket", [deal]),
        ("?text=not+SO", ["Not so"]),
        ("?carrier=verizon&days=1&pairs=1", []),
        ("?maker=&carrier=&kind=&days=&outlet=&text=Verizon", ["Verizon"]),
    ):
        assert await headlines(told, asked) == found, asked


async def test_a_form_stands_as_it_was_sent(told: SqlStore) -> None:
    async with visit(told) as client:
        page = Html((await client.get("/?maker=xiaomi&kind=deal&text=%22%3E&pairs=1")).text)

    assert find(page, "#maker option[selected]").attributes["value"] == "xiaomi"
    assert find(page, "#kind option[selected]").attributes["value"] == "deal"
    assert find(page, "#text").attributes["value"] == '">'
    assert "checked" in find(page, "#pairs").attributes


async def test_what_cannot_be_asked_is_told_and_not_guessed(store: SqlStore) -> None:
    values = ("maker=nobody", "kind=x", "days=-1", "days=x", "behind=x", "behind=%F0", "text=%00")
    async with visit(store) as client:
        for asked in values:
            answer = await client.get(f"/?{asked}")
            assert answer.status_code == 400, asked
            assert "I do not understand that question" in answer.text
        nul = write_behind((NOW, "a\x00"))
        for address in (f"/?behind={nul}", "/feeds?text=%00", f"/feeds?text={'a' * 201}"):
            assert (await client.get(address)).status_code == 400, address


async def test_pages_leave_the_bot_half_of_its_connections(store: SqlStore) -> None:
    pool = store.database.engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    assert pool.size() >= 2 * AT_ONCE


async def test_older_links_lead_through_every_story_once(store: SqlStore) -> None:
    names = [chr(97 + number // 26) + chr(97 + number % 26) for number in range(65)]
    await commit_stories(
        store, *(story(f"{name:a<10}", headline=name, makers=("zte",)) for name in names)
    )
    seen: list[str] = []
    async with visit(store) as client:
        address, pages = "/?maker=zte&lang=zh", 0
        while address:
            page = Html((await client.get(address)).text)
            seen += [one.text(strip=True) for one in page.css("article h3")]
            older = page.css_first("a[rel=next]")
            assert find(page, "nav.pages").attributes["aria-label"] == "分页"
            address = "/" + str(older.attributes["href"])[2:] if older is not None else ""
            pages += 1
            assert pages < 9
    assert (pages, len(seen)) == (3, 65)
    assert set(seen) == set(names)


async def test_numbers_of_the_matrix_are_those_of_the_lists_they_lead_to(told: SqlStore) -> None:
    async with visit(told) as client:
        page = Html((await client.get("/matrix")).text)
        cells = page.css("table.matrix td a")
        assert [int(cell.text()) for cell in cells] == [2, 1, 1]
        for cell in cells:
            listed = Html((await client.get(str(cell.attributes["href"]))).text)
            assert len(listed.css("article")) == int(cell.text())

    assert [one.text() for one in page.css("th[scope=col]")] == ["AT&T", "Verizon"]
    assert [one.text() for one in page.css("th[scope=row]")] == ["Huawei", "Xiaomi"]
    assert [one.text() for one in page.css("td.zero")] == ["0"]


async def test_headlines_of_stories_that_hang_together_say_their_language(
    told: SqlStore,
) -> None:
    merged = story("eeeeeeeeee", headline="华为受挫", lang="zh")
    tie = Tie(TieKind.MERGED, DEAL, "Huawei fails", None)
    await commit_stories(told, replace(merged, tie=tie))
    async with visit(told) as client:
        timeline = Html((await client.get("/")).text)
        denial, deal = [Html((await client.get(f"/story/{one}")).text) for one in (DENIAL, DEAL)]
    joined = find(deal, "ul.turns a")

    assert find(timeline, ".tie a").attributes["lang"] == "en"
    assert find(denial, ".tie a").attributes["lang"] == "en"
    assert find(deal, "ol.turns a").attributes["lang"] == "fr"
    assert (joined.text(), joined.attributes["lang"]) == ("华为受挫", "zh")


async def test_a_story_has_all_its_reports_with_why(store: SqlStore) -> None:
    wire = await add_feed(store)
    entry = new_entry(
        "Huawei fails", story_id=DEAL, reasons=("pair: Huawei and AT&T",), filed="opened it"
    )
    await store.commit_poll(outcome(wire, entry, stories=(story(DEAL),)))

    async with visit(store) as client:
        text = (await client.get(f"/story/{DEAL}")).text
        missing = await client.get("/story/zzzzzzzzzz")
        odd = await client.get("/story/..%2f..%2fetc")

    assert "pair: Huawei and AT&amp;T" in text
    assert "opened it" in text
    assert f"#{DEAL}" in text
    assert (missing.status_code, odd.status_code) == (404, 404)


async def test_feeds_tell_how_they_are_in_both_languages(store: SqlStore) -> None:
    url = "https://reader:hunter2@wire.example/rss?key=5ecret"
    made = await add_feed(store, url, title="Wire")
    failing = replace(
        made, polled_at=NOW, failures=3, trouble=Trouble.SLOW, error="x", failing_since=NOW - DAY
    )
    await store.commit_poll(outcome(failing))
    async with visit(store) as client:
        alone = (await client.get("/feeds")).text
    await add_feed(store, "https://new.example/rss")

    async with visit(store) as client:
        english = (await client.get("/feeds")).text
        chinese = (await client.get("/feeds?lang=zh")).text
        failing_alone = Html((await client.get("/feeds?state=failing&text=wire")).text)
        wrong = await client.get("/feeds?state=lost")

    assert "1 feed is read." in alone
    assert "2 feeds are read; " in english
    assert "its server does not answer in time; failed 3 times in a row" in english
    assert "服务器应答超时；连续失败 3 次" in chinese
    for secret in ("hunter2", "5ecret", "reader:"):
        assert secret not in english
    assert len(failing_alone.css("tbody tr")) == 1
    assert wrong.status_code == 400


async def test_deliveries_tell_what_waits_and_which_channel_is_parked(store: SqlStore) -> None:
    await commit_stories(store, story(DEAL), owed=(delivery(DEAL, TOWN),))
    await store.park(TOWN, reason="I may not post there.")

    async with visit(store, now=NOW + DAY) as client:
        page = Html((await client.get("/deliveries")).text)

    row = [one.text(strip=True) for one in page.css("tbody tr *")]
    assert row[0] == "Discord"
    assert "Counted at " in find(page, "main").text()
    assert find(page, ".parked code").text() == "1234"
    assert "I may not post there." in find(page, ".parked").text()


async def test_an_empty_bot_says_what_to_do(store: SqlStore) -> None:
    async with visit(store) as client:
        assert "No story yet" in (await client.get("/")).text
        assert "No pair in the last 30 days" in (await client.get("/matrix")).text
        assert "newsbot feeds add" in (await client.get("/feeds")).text
        assert "/alerts subscribe" in (await client.get("/deliveries")).text


async def test_the_operator_sees_what_only_a_workspace_watches(store: SqlStore) -> None:
    watch = Watch("Fairphone", platform=Platform.SLACK, workspace="T1")
    await store.save_watch(watch, now=NOW)
    (company,) = Watchers(catalogue(), await store.find_watches()).companies
    await commit_stories(
        store,
        story(
            DEAL,
            headline="Fairphone 6",
            is_relevant=False,
            watched=(company.id,),
            makers=(),
            carriers=(),
            others=(company.id,),
            is_pair=False,
        ),
    )

    assert await headlines(store) == ["Fairphone 6"]
    assert await headlines(store, f"?maker={company.id}") == ["Fairphone 6"]


async def test_a_page_that_has_not_changed_is_not_sent_again(told: SqlStore) -> None:
    async with visit(told) as client:
        for path in (*PAGES, "/style.css", "/icon.svg"):
            etag = (await client.get(path)).headers["ETag"]
            again = await client.get(path, headers={"If-None-Match": etag})
            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["ETag"] == etag


async def test_pages_speak_the_language_that_is_asked_for(store: SqlStore) -> None:
    async with visit(store) as client:
        for accepted, asked, lang in (
            ("", "", "en"),
            ("zh-CN,zh;q=0.9,en;q=0.8", "", "zh-Hans"),
            ("de,en;q=0.5,zh;q=0.4", "", "en"),
            ("zh;q=0", "", "en"),
            ("zh", "?lang=en", "en"),
            ("en", "?lang=zh", "zh-Hans"),
            ("en;q=x,zh", "?lang=xx", "zh-Hans"),
        ):
            for path in ("/", "/matrix", "/feeds", "/deliveries", "/overview", "/nothing"):
                answer = await client.get(path + asked, headers={"Accept-Language": accepted})
                assert f'<html lang="{lang}">' in answer.text, (path, accepted, asked)


def test_every_text_of_the_pages_is_used_and_in_both_languages() -> None:
    folder = Path(words.__file__).parent
    sources = [*folder.glob("pages/*.html"), *folder.glob("*.py")]
    code = "\n".join(path.read_text("utf-8") for path in sources if path.name != "words.py")
    for name, said in words.WORDS.items():
        is_made = re.match(r"(days|error|help|check|ill|role)_", name)
        assert is_made or f'"{name}"' in code or f"'{name}'" in code, name
        assert re.findall(r"\{(\w+)\}", said.en) == re.findall(r"\{(\w+)\}", said.zh), name
    for table, every in (
        (words.EVENTS, Event),
        (words.TIES, TieKind),
        (words._TROUBLES, set(Trouble) - {Trouble.NONE}),
    ):
        assert set(table) == set(every)


def test_a_feed_without_a_title_goes_by_its_host() -> None:
    row = make_feed_row(feed(title=""), words.Speech("en"), now=NOW)

    assert row.name == "wire.example"
