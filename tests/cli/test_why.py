"""``explain`` and ``why``: questions about one headline, and about one story."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.cli.program import Newsbot

HEADLINE = "Verizon to sell the Huawei Mate 10 Pro phone"


async def test_explain_tells_everything_as_json(newsbot: Newsbot) -> None:
    answer = await newsbot(
        *("explain", "Fairphone meets AT&T", "--description", "So it is.", "--json"),
        *("--body", "华为与Verizon。", "--watch", "Fairphone", "--lang", "en", "--country", "us"),
    )

    told = json.loads(answer.out)
    assert told["others"] == ["fairphone"]
    assert [(one["where"], one["start"], one["text"]) for one in told["named"]] == [
        ("title", 0, "Fairphone"),
        ("title", 16, "AT&T"),
        ("body", 0, "华为"),
        ("body", 3, "Verizon"),
    ]
    assert told["pair"]["sentence"] == "AT&T / So it is. / 华为"
    assert answer.out.count("\n") == 1


@pytest.mark.parametrize("option", ["--lang", "--country"])
async def test_explain_heeds_where_a_headline_comes_from(newsbot: Newsbot, option: str) -> None:
    here, abroad = await asyncio.gather(
        newsbot("explain", "T-Mobile raises its prices"),
        newsbot("explain", "T-Mobile raises its prices", option, "pl"),
    )

    assert here.out.startswith("Flagged: T-Mobile")
    assert abroad.out.startswith("Not flagged")
    assert 'in "pl" the name is somebody else\'s' in abroad.out


async def test_explain_reads_standard_input(newsbot: Newsbot) -> None:
    text = f"\ufeff\n{HEADLINE}\n\nMore of it.\nXiaomi heard.\n".encode()

    answer = await newsbot("explain", "-", stdin=text)
    empty = await newsbot("explain", "-", stdin=b"\xff\xfe\n")

    assert answer.out.startswith("Flagged: Huawei, Xiaomi, Verizon, a pair")
    assert f"\n  {HEADLINE}\n" in answer.out
    assert "Xiaomi in the body, character 13: maker" in answer.out
    assert empty.out.startswith("Not flagged")


async def test_explain_refuses_a_name_that_nobody_could_have(newsbot: Newsbot) -> None:
    answer = await newsbot("explain", HEADLINE, "--watch", "?!", code=2)

    assert answer.err.startswith("newsbot: --watch: ")
    assert answer.out == ""


async def test_why_tells_a_story_found_by_id_link_or_words(polled: Newsbot) -> None:
    recent = await polled("recent")
    story_id = recent.out.partition("#")[2].split()[0]

    by_id, by_link, by_words = await asyncio.gather(
        polled("why", f"#{story_id}"),
        polled("why", "http://harbour.example/verizon-huawei?utm_source=feed"),
        polled("why", "huawei", "VERIZON"),
    )

    assert by_id.out == by_link.out == by_words.out
    lines = by_id.out.splitlines()
    assert lines[0] == HEADLINE
    assert f"story #{story_id}" in by_id.out
    assert "  filed      opened this story: no recent one tells the same" in lines
    assert "in one sentence of the title: “" + HEADLINE + "”" in by_id.out
    assert by_id.err == ""


async def test_why_tells_what_was_not_flagged_and_what_was_never_seen(polled: Newsbot) -> None:
    rain, never, link, nothing = await asyncio.gather(
        polled("why", "Rain expected over the bay"),
        polled("why", "Oppo phone at AT&T", code=1),
        polled("why", "https://harbour.example/none", code=1),
        polled("why", " ", code=2),
    )

    assert rain.out.startswith("Seen and not flagged:\n\nRain expected over the bay\n")
    assert "no name of a watched company was seen" in rain.out
    assert never.out.startswith("Never seen. As it would be judged now:\nFlagged: Oppo, AT&T")
    assert link.out == "Never seen: nothing on record has https://harbour.example/none\n"
    assert "by its id" in nothing.err


async def test_why_is_answered_before_there_is_a_database(newsbot: Newsbot) -> None:
    answer = await newsbot("why", HEADLINE, code=1)

    assert "`newsbot run` makes it" in answer.err
    assert answer.out.startswith("Never seen. As it would be judged now:\nFlagged: Huawei")
    assert newsbot.files() == []
