"""How it is, on one screen: a sentence, and what it stands on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as Html

from bot.app.status import make_status
from bot.commands.command import Office
from bot.model import Destination, Platform, Process, ProcessRole, Subscription
from bot.store import SqlStore, open_store
from bot.web.access import Keys
from bot.web.overview import Overview, tell_verdict
from bot.web.probes import Probes
from bot.web.readiness import CHECKS, Check, Limits, Vitals, check_all, check_loop
from bot.web.site import House, open_site
from bot.web.words import WORDS, Speech
from tests.builders import NOW, delivery, story
from tests.contract.polls import commit_stories
from tests.web.visits import catalogue, find, matcher, visit

DEAL = "aaaaaaaaaa"
TOWN = Destination(Platform.DISCORD, "", "town", "")
DESK = Destination(Platform.SLACK, "T1", "desk", "")
HOUR = timedelta(hours=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/page.sqlite3") as opened:
        yield opened


async def test_a_bot_that_is_well_is_said_to_be_in_one_sentence(store: SqlStore) -> None:
    await store.record_beat(NOW)
    async with visit(store) as client:
        english = Html((await client.get("/overview")).text)
        chinese = Html((await client.get("/overview?lang=zh")).text)

    assert find(english, ".verdict.c-well").text() == "The bot is well."
    assert find(chinese, ".verdict.c-well").text() == "机器人运行正常。"
    names = [one.text() for one in english.css("th[scope=row]")]
    assert names == ["This process", "Database", "Scheduling", "Reading feeds", "Posting"]
    assert (
        "One process does everything. Last sign of life: 9 Jan 2018" in find(english, "main").text()
    )
    assert find(english, "nav a[aria-current]").text() == "Health"


async def test_what_is_wrong_is_in_the_sentence_and_marked(store: SqlStore) -> None:
    await store.record_beat(NOW - HOUR)
    await commit_stories(store, story(DEAL), owed=(delivery(DEAL, TOWN),))
    async with visit(store, now=NOW + HOUR) as client:
        page = Html((await client.get("/overview")).text)

    assert find(page, ".verdict.c-failing").text() == (
        "The bot is not well: nobody gives out work; feeds are read late; posts are late."
    )
    bad = [row for row in page.css("tbody tr") if row.css_first(".c-failing")]
    assert [find(row, "th").text() for row in bad] == [
        "Scheduling",
        "Reading feeds",
        "Posting",
    ]
    assert "(health.backlog_s)" in find(bad[2], "td[lang=en]").text()


async def test_processes_are_told_with_their_roles_and_those_that_fell_silent_too(
    store: SqlStore,
) -> None:
    roles = frozenset({ProcessRole.POLL, ProcessRole.DELIVER})
    for name, beat_at in (
        ("box:1:aa", NOW),
        ("box:2:bb", NOW - HOUR),
        ("box:3:cc", NOW - 25 * HOUR),
    ):
        await store.record_process(Process(name, roles, "box", NOW - 26 * HOUR, beat_at))
    async with visit(store) as client:
        page = Html((await client.get("/overview")).text)

    rows = [row for row in page.css("tbody tr") if "box" in row.text()]
    assert [find(row, ".address").text() for row in rows] == ["box:1:aa", "box:2:bb"]
    assert [find(row, ".mark").text() for row in rows] == ["at work", "not heard"]
    assert "polls, delivers" in rows[0].text()
    assert "8 Jan 2018, 06:30" in rows[0].text()


async def test_the_newest_post_of_each_platform_leads_to_its_story(store: SqlStore) -> None:
    for place in (TOWN, DESK):
        await store.subscribe(Subscription(place), now=NOW)
    await commit_stories(
        store, story(DEAL, lang="en"), owed=(delivery(DEAL, DESK, next_attempt_at=NOW),)
    )
    (leased,) = await store.lease_deliveries(
        NOW, limit=1, lease=HOUR, platforms=frozenset({Platform.SLACK})
    )
    await store.mark_sent(leased.delivery.id, revision=1, message_ref="m", edits_at=NOW)
    async with visit(store) as client:
        page = Html((await client.get("/overview")).text)

    told = find(page, "dl.facts")
    assert [one.text() for one in told.css("dt")] == ["Discord", "Slack"]
    discord, slack = told.css("dd")
    assert discord.text() == "none yet"
    assert find(slack, "a").attributes == {"href": f"story/{DEAL}", "lang": "en"}


async def test_without_its_database_the_page_says_so_all_the_same(store: SqlStore) -> None:
    limits = Limits(late_s=1, late_share=0, backlog_s=1, gateway_s=1, disk_free_bytes=0)

    async def check_work() -> tuple[Check, ...]:
        return check_all(Vitals(None, fault="db.example: no connection"), limits)

    async def expose(accept: str) -> tuple[bytes, str]:
        return b"", accept

    house, office = House(Keys(lambda: NOW)), Office(store, catalogue(), matcher())
    probes = Probes(lambda: check_loop(0.0), check_work, expose)
    overview = Overview(office, house, probes, clock=lambda: NOW)
    server = make_status(house, office, overview.routes(), clock=lambda: NOW)
    await store.aclose()
    async with (
        open_site(server, listen="127.0.0.1:0") as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        shown = await client.get("/overview")

    assert shown.status_code == 200
    verdict = find(Html(shown.text), ".verdict").text()
    assert verdict == "The bot is not well: the database does not answer."


def test_every_condition_and_every_role_has_its_words_and_no_other_has() -> None:
    made = {name for name in WORDS if name.startswith(("check_", "ill_", "role_"))}
    assert made == {
        *(f"{kind}_{name}" for kind in ("check", "ill") for name in ("loop", *CHECKS)),
        *(f"role_{role}" for role in ProcessRole),
    }
    for lang in ("en", "zh"):
        speech = Speech(lang)
        for name in ("loop", *CHECKS):
            assert speech(f"check_{name}")
            told = tell_verdict([Check(name, is_good=False, figure="")], speech)
            assert speech(f"ill_{name}") in told
