"""``recent``, ``stats``, ``explain`` and ``companies``: questions, which change nothing."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from bot.cli.ask import main_forms
from bot.model import Alias, Company, Role
from tests.cli.program import Newsbot


async def test_recent_lists_what_a_first_poll_brought(polled: Newsbot) -> None:
    answer = await polled("recent")

    head, first, facts, link = answer.out.splitlines()
    assert head == "1 story about any watched company"
    assert first.endswith("PAIR  Verizon to sell the Huawei Mate 10 Pro phone")
    assert facts.strip().startswith("Huawei × Verizon")
    assert link.strip() == "https://harbour.example/verizon-huawei"
    assert answer.err == ""


async def test_recent_asks_for_companies(polled: Newsbot) -> None:
    both, other_carrier, nobody = await asyncio.gather(
        polled("recent", "HUAWEI", "--with", "verizon", "--since", "2w", "--limit", "5"),
        polled("recent", "huawei", "--with", "at&t"),
        polled("recent", "xiaomi"),
    )

    assert both.out.startswith("1 story about Huawei with Verizon\n")
    assert other_carrier.out.startswith("No stories about Huawei with AT&T")
    assert nobody.out.startswith("No stories about Xiaomi")


async def test_recent_says_what_it_does_not_understand(polled: Newsbot) -> None:
    name, time, limit = await asyncio.gather(
        polled("recent", "Honour", code=2),
        polled("recent", "huawei", "--since", "lately", code=2),
        polled("recent", "--limit", "0", code=2),
    )

    assert "Did you mean Honor?" in name.err
    assert 'I can\'t read "lately" as a time.' in time.err
    assert "--limit" in limit.err


async def test_stats_are_for_people_and_for_programs(polled: Newsbot) -> None:
    people, programs = await asyncio.gather(polled("stats"), polled("stats", "--json"))

    assert "entries          2\n" in people.out
    assert "last tick at     never\n" in people.out
    assert re.search(r"^database +\d+\.\d KiB$", people.out, re.MULTILINE)
    told = json.loads(programs.out)
    assert told.pop("database_bytes") > 0
    assert told == {
        "feeds": 1,
        "feeds_failing": 0,
        "entries": 2,
        "edits": 0,
        "stories": 1,
        "deliveries": {"owed": 0, "sending": 0, "sent": 0, "failed": 0, "gone": 0},
        "delivery_backlog_s": 0.0,
        "last_tick_at": None,
        "processes": [],
    }


async def test_before_there_is_a_database_it_is_answered_as_empty(newsbot: Newsbot) -> None:
    recent, stats, export, remove = await asyncio.gather(
        newsbot("recent"),
        newsbot("stats", "--json"),
        newsbot("feeds", "export"),
        newsbot("feeds", "remove", "https://gone.example/rss", code=2),
    )

    for answer in (recent, stats, export, remove):
        assert "`newsbot run` makes it" in answer.err
    assert recent.out.startswith("No stories")
    assert json.loads(stats.out)["entries"] == 0
    assert "<outline" not in export.out
    assert "No feed is polled at https://gone.example/rss" in remove.err
    assert newsbot.files() == []


@pytest.mark.parametrize(
    ("headline", "verdict"),
    [
        ("Verizon to sell the Huawei Mate 10 Pro phone", "Flagged: Huawei, Verizon, a pair"),
        ("Rain expected over the bay", "Not flagged: no watched company is named."),
        ("", "Not flagged"),
    ],
)
async def test_explain_gives_the_verdict_first(
    newsbot: Newsbot, headline: str, verdict: str
) -> None:
    answer = await newsbot("explain", headline)

    assert answer.out.startswith(verdict)


def test_main_names_are_those_that_no_ending_was_put_on() -> None:
    forms = ["Honor", "HONOR", "HONORa", "Honorem", "Honor Device", "荣耀", "荣耀手机"]
    aliases = (*map(Alias, forms), Alias("MagicOS", brand="MagicOS"), Alias("HonorOS"))

    found = main_forms(Company("honor", "Honor", Role.MAKER, aliases))

    assert found == ["Honor", "MagicOS", "Honor Device", "荣耀", "荣耀手机", "HonorOS"]


async def test_companies_have_every_form_on_request(newsbot: Newsbot) -> None:
    short, whole = await asyncio.gather(newsbot("companies"), newsbot("companies", "--all"))

    assert max(map(len, short.out.splitlines())) < 300
    assert "Huaweiowi" not in short.out
    assert "Huaweiowi, " in whole.out


async def test_companies_are_a_line_each_in_a_pipe(newsbot: Newsbot) -> None:
    answer = await newsbot("companies")

    rows = [line.split("\t") for line in answer.out.splitlines()]
    assert {len(row) for row in rows} == {4}
    (huawei,) = (row for row in rows if row[0] == "huawei")
    assert huawei[1:3] == ["Huawei", "maker"]
    assert "华为" in huawei[3]
