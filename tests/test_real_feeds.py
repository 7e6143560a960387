"""Every document that outlets really published, through the whole program: served, polled, stored.

What parsing makes of each is told in tests/parsing/test_real_feeds.py; this is about what
reaches the database, and about what a user sees.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.program import Answer, Newsbot
from tests.parsing.test_real_feeds import GARBLED, NO_FEED, READ_OTHERWISE, find_documents
from tests.servers.feeds import Document, FeedServer

Entry = tuple[str, str, str | None]
"""The first four letters of its document's name, title, link."""


@dataclass(frozen=True)
class Round:
    """What one round over all documents said and left.

    Attributes:
        failed: the error of every feed that failed, by the name of its document.
    """

    answer: Answer
    entries: tuple[Entry, ...]
    failed: dict[str, str]


@pytest.fixture(scope="module")
def whole(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Round:
    newsbot = Newsbot(tmp_path_factory.mktemp("real"))
    # No charset in the header: what a document says of itself is the harder case.
    documents = {
        f"/{row['file']}": Document(
            (shared / "feeds" / row["file"]).read_bytes(), content_type="application/xml"
        )
        for row in find_documents(shared)
    }

    async def poll_them_all() -> Answer:
        async with FeedServer(documents) as server:
            newsbot.write("feeds.txt", *[server.url(path) for path in documents])
            return await newsbot("run", "--once", "--feeds", "feeds.txt")

    answer = asyncio.run(poll_them_all())
    with closing(sqlite3.connect(newsbot.folder / "newsbot.sqlite3")) as database:
        entries = database.execute(
            "SELECT feeds.url, entries.title, entries.link FROM entries JOIN feeds"
            " ON feeds.id = entries.feed_id ORDER BY entries.id"
        ).fetchall()
        failed = database.execute("SELECT url, error FROM feeds WHERE failures > 0").fetchall()
    return Round(
        answer,
        tuple((_name(url), title, link) for url, title, link in entries),
        {_name(url): error for url, error in failed},
    )


def _name(url: str) -> str:
    return url.rpartition("/")[2][:4]


def test_every_feed_leaves_the_entries_its_document_holds(shared: Path, whole: Round) -> None:
    listed = {row["file"][:4]: int(row["entries"]) for row in find_documents(shared)}
    stored = dict.fromkeys(listed, 0)
    for name, _, _ in whole.entries:
        stored[name] += 1

    assert len(listed) == 76
    assert stored == {
        name: 0 if name in NO_FEED else READ_OTHERWISE.get(name, count)
        for name, count in listed.items()
    }


def test_documents_without_a_feed_are_told_and_stop_nothing(whole: Round) -> None:
    assert whole.failed.keys() == NO_FEED.keys()
    for name, reason in NO_FEED.items():
        assert reason in whole.failed[name]
        assert reason in whole.answer.err


def test_the_run_says_what_it_did(whole: Round) -> None:
    last = whole.answer.err.splitlines()[-1]

    assert last.startswith(
        f"newsbot: 76 feeds polled, 0 unchanged, 3 failed; {len(whole.entries):,} new entries, "
    )
    assert whole.answer.out == ""  # a first poll is history


def test_no_title_in_the_database_is_garbled(whole: Round) -> None:
    assert [(name, title) for name, title, _ in whole.entries if GARBLED.search(title)] == []


def test_every_link_in_the_database_leads_to_the_web(whole: Round) -> None:
    links = [(name, link) for name, _, link in whole.entries if link is not None]

    assert len(links) > 2_800
    assert [one for one in links if not re.match(r"https?://[\w.-]+(:\d+)?(/|\?|$)", one[1])] == []
