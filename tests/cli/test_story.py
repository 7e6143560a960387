"""``newsbot story``: looking into stories and repairing them, beside a bot that runs."""

from __future__ import annotations

import asyncio
import re
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.cli.program import Newsbot
from tests.servers.feeds import Document, FeedServer

ITEM = (
    "<item><guid>{0}</guid><title>{1}</title><link>https://{0}.example/one</link>"
    "<description>{2}</description></item>"
)
PHONE = "Verizon to sell the Huawei Mate 10 Pro phone"
TOLD = "AT&T drops its plan for the OnePlus tablet"
TABLET = TOLD.replace("&", "&amp;")


def feed(title: str, *items: str) -> Document:
    body = f"<rss version='2.0'><channel><title>{title}</title>{''.join(items)}</channel></rss>"
    return Document(body.encode())


@asynccontextmanager
async def running(newsbot: Newsbot, *, posts: int) -> AsyncIterator[Process]:
    """A bot at work on two feeds, once it has made so many posts."""
    async with FeedServer() as server:
        server.put("/a", feed("Harbour Wire", ITEM.format("phone", PHONE, "In its shops.")))
        server.put("/b", feed("Bay Gazette", ITEM.format("tablet", TABLET, "For good, it said.")))
        newsbot.write("feeds.txt", server.url("/a"), server.url("/b"))
        process = await newsbot.start(
            "run", "--feeds", "feeds.txt",
            NEWSBOT_POLL_POST_FIRST_POLL="true", PYTHONUNBUFFERED="1",
        )  # fmt: skip
        try:
            for _ in range(posts):
                await read_until(process, "NEW ")
            yield process
        finally:
            process.terminate()
            await newsbot.finish(process)


async def read_until(process: Process, *starts: str) -> str:
    """The next line of its standard output that starts like one of these."""
    assert process.stdout is not None
    async with asyncio.timeout(30):
        async for line in process.stdout:
            if line.decode().startswith(starts):
                return line.decode()
    raise AssertionError(f"it ended without {starts}")


async def ids(newsbot: Newsbot) -> tuple[str, str]:
    """Of the story about the phone and of that about the tablet."""
    found = []
    for company in ("huawei", "oneplus"):
        answer = await newsbot("recent", company)
        found.append(answer.out.partition("#")[2].split()[0])
    return found[0], found[1]


async def test_a_merge_and_a_split_are_posted_by_the_bot_that_runs(newsbot: Newsbot) -> None:
    async with running(newsbot, posts=2) as process:
        phone, tablet = await ids(newsbot)

        merged = await newsbot("story", "merge", f"#{phone}", tablet.upper())

        assert merged.out.splitlines() == [
            f"Merged: #{tablet} “{TOLD}” is told in #{phone} “{PHONE}” now, 2 outlets in all.",
            f"The post of #{phone} is edited to what it says now.",
            f"The post of #{tablet} points to #{phone}.",
            "A running bot does that within seconds, else the next run does.",
        ]
        seen = [await read_until(process, "UPDATED", "MERGED") for _ in range(2)]
        assert {line.split()[0] for line in seen} == {"UPDATED", "MERGED"}

        shown, gone, recent, why = await asyncio.gather(
            newsbot("story", "show", phone),
            newsbot("story", "show", tablet),
            newsbot("recent"),
            newsbot("why", tablet),
        )
        assert f"holds #{tablet} “" in shown.out
        assert "the operator, " in shown.out
        assert f"story #{tablet} · merged into #{phone} “{PHONE}”" in gone.out
        assert recent.out.startswith("1 story about")
        first, second, *_ = why.out.splitlines()
        assert (first, second) == (f"story #{tablet} “{TOLD}” was merged into it", PHONE)

        split = await newsbot("story", "split", phone, "bay gazette")

        assert split.out.splitlines()[0] == (
            f"Split: 1 report left #{phone} “{PHONE}” and is story #{tablet} “{TOLD}” again."
        )
        again = [await read_until(process, "UPDATED") for _ in range(2)]
        assert {line.partition(" ")[2].strip() for line in again} == {
            PHONE,
            TOLD,
        }


async def test_reports_are_named_by_the_numbers_that_show_prints(polled: Newsbot) -> None:
    recent = await polled("recent")
    story = recent.out.partition("#")[2].split()[0]

    shown = await polled("story", "show", story)
    (number,) = re.findall(r"^(\d+)  Harbour Wire · ", shown.out, re.MULTILINE)
    refused = await polled("story", "split", story, number, code=2)

    assert f"story #{story} · open until " in shown.out
    assert "opened this story: no recent one tells the same" in shown.out
    assert refused.err == (
        f"newsbot: #{story} has one report only: there is nothing to split off.\n"
    )
    assert refused.out == ""


@pytest.mark.parametrize(
    "call",
    [("show", "nosuchone2"), ("merge", "nosuchone2", "nosuchone3"), ("split", "nosuchone2", "1")],
)
async def test_an_unknown_id_is_answered_with_advice(
    polled: Newsbot, call: tuple[str, ...]
) -> None:
    answer = await polled("story", *call, code=2)

    assert answer.err == (
        'newsbot: No story has the id "nosuchone2"; `newsbot recent` lists stories with their '
        "ids.\n"
    )


async def test_a_repair_makes_no_database(newsbot: Newsbot) -> None:
    answer = await newsbot("story", "merge", "abcdefghi2", "abcdefghi3", code=2)

    assert "`newsbot run` makes it" in answer.err
    assert newsbot.files() == []


async def test_a_call_that_names_too_little_says_what_is_missing(newsbot: Newsbot) -> None:
    bare, one, none = await asyncio.gather(
        newsbot("story", code=2),
        newsbot("story", "merge", "abcdefghi2", code=2),
        newsbot("story", "split", "abcdefghi2", code=2),
    )

    assert "merge" in bare.out + bare.err
    assert "STORY-ID" in one.err
    assert "REPORT" in none.err
