"""``parse``, ``match``, ``cluster`` and ``summarise``: documents and lines in, JSON lines out."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import NEWS, PAGE
from tests.cli.program import Answer, Newsbot

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Harbour Wire",
    "items": [
        {"id": "1", "url": "/verizon", "title": "华为 at AT&amp;T", "content_text": "Soon."},
        {"id": "2", "content_text": "No title.", "date_published": "2018-01-09T08:00:00+01:00"},
    ],
}


def read(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.out.splitlines()]


async def test_parse_prints_an_object_for_each_entry(newsbot: Newsbot) -> None:
    (newsbot.folder / "news.xml").write_bytes(NEWS)

    first, second = read(await newsbot("parse", "news.xml"))

    assert first == {
        "title": "Verizon to sell the Huawei Mate 10 Pro phone",
        "link": "https://harbour.example/verizon-huawei",
        "id": "one",
        "published": None,
        "summary": "Verizon will sell the Huawei Mate 10 Pro phone in its shops.",
    }
    assert second["summary"] is None


async def test_parse_unpacks_gz_and_resolves_links(newsbot: Newsbot) -> None:
    packed = gzip.compress(json.dumps(JSON_FEED).encode(), mtime=0)
    (newsbot.folder / "feed.json.gz").write_bytes(packed)

    first, second = read(
        await newsbot("parse", "feed.json.gz", "--url", "https://harbour.example/feed.json")
    )

    assert first["title"] == "华为 at AT&T"
    assert first["link"] == "https://harbour.example/verizon"
    assert second == {
        "title": None,
        "link": None,
        "id": "2",
        "published": "2018-01-09T07:00:00+00:00",
        "summary": "No title.",
    }


async def test_parse_reads_standard_input(newsbot: Newsbot) -> None:
    answer = await newsbot("parse", "-", stdin=NEWS)

    assert len(read(answer)) == 2


async def test_parse_takes_the_charset_of_a_content_type(newsbot: Newsbot) -> None:
    document = '<rss version="2.0"><channel><item><title>华为手机</title></item></channel></rss>'
    (newsbot.folder / "news.xml").write_bytes(document.encode("gb18030"))

    (entry,) = read(
        await newsbot("parse", "news.xml", "--content-type", "text/xml; charset=gb2312")
    )

    assert entry["title"] == "华为手机"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (PAGE, "the document holds no feed: it is an HTML page"),
        (b"", "the document is empty"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><rss><channel/></rss>', "ENTITY"),
    ],
)
async def test_parse_of_a_document_without_a_feed_is_exit_code_1(
    newsbot: Newsbot, body: bytes, reason: str
) -> None:
    (newsbot.folder / "page").write_bytes(body)

    answer = await newsbot("parse", "page", code=1)

    assert answer.out == ""
    assert answer.err.startswith("newsbot: page: ")
    assert reason in answer.err


async def test_parse_of_a_file_that_cannot_be_read_is_exit_code_2(newsbot: Newsbot) -> None:
    reasons = {
        "gone.xml": "No such file or directory",
        ".": "Is a directory",
        "torn.gz": "gzip",
        "cut.gz": "ended",
        "large.xml": "larger than 100000 bytes",
        "bomb.gz": "larger than 100000 bytes",
    }
    files = {
        "torn.gz": b"no gzip",
        "cut.gz": gzip.compress(NEWS, mtime=0)[:-12],
        "large.xml": NEWS + b" " * 100_000,
        "bomb.gz": gzip.compress(bytes(5_000_000), mtime=0),
    }
    for name, body in files.items():
        (newsbot.folder / name).write_bytes(body)
    newsbot.env["NEWSBOT_FETCH_MAX_BYTES"] = "100000"

    answers = await asyncio.gather(*(newsbot("parse", name, code=2) for name in reasons))

    for (name, reason), answer in zip(reasons.items(), answers, strict=True):
        assert answer.err.startswith(f"newsbot: {name}: ")
        assert reason in answer.err
        assert answer.out == ""


ITEMS = (
    {
        "id": 1,
        "title": "AT&T drops the Huawei Mate 10 Pro phone",
        "desc": "AT&T has dropped the phone.",
        "time": "2018-01-09T08:00:00Z",
        "url": "https://a.example/1",
    },
    {
        "id": "2",
        "title": "AT&T drops Huawei Mate 10 Pro phone deal",
        "desc": "The deal is off.",
        "time": "2018-01-09T09:00:00Z",
        "url": "https://b.example/2",
    },
    {"id": 3, "title": "Rain expected over the bay", "time": "2018-01-09T09:30:00Z"},
)


@pytest.fixture
def items(newsbot: Newsbot) -> Path:
    """The items with what an editor may leave: a byte order mark and an empty line."""
    first, *others = (json.dumps(item) for item in ITEMS)
    return newsbot.write("items.jsonl", f"\ufeff{first}", "", *others)


async def test_match_flags_every_item(newsbot: Newsbot, items: Path) -> None:
    first, second, third = read(await newsbot("match", items))

    assert (first["makers"], first["carriers"], first["relevant"]) == (["huawei"], ["att"], 1)
    assert second["id"] == "2"
    assert third.keys() == {"id", "makers", "carriers", "extra", "relevant", "event"}
    assert (third["makers"], third["relevant"]) == ([], 0)


async def test_match_looks_for_further_companies(newsbot: Newsbot) -> None:
    newsbot.write("items.jsonl", '{"id": 1, "title": "Acme Phone comes to Sprint"}')

    (flagged,) = read(await newsbot("match", "--watch", "Acme Phone", "items.jsonl"))
    refused = await newsbot("match", "--watch", "", "items.jsonl", code=2)

    assert flagged["extra"] == ["acme-phone"]
    assert "--watch" in refused.err


async def test_cluster_joins_the_same_news(newsbot: Newsbot, items: Path) -> None:
    first, second, third = read(await newsbot("cluster", items))

    assert first["cluster"] == second["cluster"] != third["cluster"]


async def test_summarise_keeps_an_item_s_own_words(newsbot: Newsbot, items: Path) -> None:
    first, _, _ = read(await newsbot("summarise", items))

    assert first == {"id": 1, "summary": "AT&T has dropped the phone."}


@pytest.mark.parametrize("command", ["match", "cluster", "summarise"])
async def test_lines_that_cannot_be_read_are_named_and_the_others_answered(
    newsbot: Newsbot, command: str
) -> None:
    lines = [
        b'{"id": 1, "title": "Huawei"}',
        b"nonsense",
        b'{"title": "no id"}',
        b"[1]",
        b'{"id": 5, "title": "\xff"}',
        b'{"id": 6, "title": "\\ud800"}',
        b"[" * 100_000,
        b'{"id": 8, "title": null, "desc": 5, "time": "never"}',
    ]

    answer = await newsbot(command, stdin=b"\n".join(lines), code=1)

    assert [item["id"] for item in read(answer)] == [1, 8]
    told = answer.err.splitlines()
    assert [line.split(":")[2] for line in told[:-1]] == ["2", "3", "4", "5", "6", "7"]
    assert told[0] == "newsbot: standard input:2: no JSON: Expecting value at column 1"
    assert told[-1] == "newsbot: 6 lines could not be read; no answer for these"


@pytest.mark.parametrize("command", ["match", "cluster", "summarise"])
async def test_no_lines_are_no_answers(newsbot: Newsbot, command: str) -> None:
    answer = await newsbot(command, "-")

    assert (answer.out, answer.err) == ("", "")


@pytest.mark.parametrize("name", ["gone.jsonl", "."])
async def test_lines_from_no_file_are_exit_code_2(newsbot: Newsbot, name: str) -> None:
    answer = await newsbot("match", name, code=2)

    assert answer.err.startswith(f"newsbot: {name}: ")
