"""A labelled stream of news through the whole pipeline: polled, matched, joined, stored.

The command line joins the same lines without a database; both must tell the same stories.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.matching import Matcher
from bot.store.schema import entries
from bot.stories import ClusterLines, OutletNames
from tests.pipeline.lab import CATALOGUE, Newsroom
from tests.scorers import load_scorer
from tests.servers.feeds import Document

pytestmark = pytest.mark.asyncio(loop_scope="module")

Item = Mapping[str, Any]


def document(item: Item) -> Document:
    """A feed whose newest entry is ``item``."""
    published = datetime.fromtimestamp(item["time"], UTC).isoformat()
    return Document(
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{escape(item['source'])}</title>"
        f"<entry><id>{item['id']}</id><title>{escape(item['title'])}</title>"
        f"<link href='{escape(item['url'], quote=True)}'/><published>{published}</published>"
        f"<summary>{escape(item['desc'] or '')}</summary></entry></feed>".encode()
    )


async def replay(room: Newsroom, stream: list[Item]) -> dict[str, str]:
    """Poll each item when it was published, from the feed of its source; the story of each."""
    room.clock.now = datetime.fromtimestamp(stream[0]["time"] - 3_600, UTC)
    paths = {source: f"/{number}" for number, source in enumerate({i["source"] for i in stream})}
    for path in paths.values():
        await room.go_live(path)
    for item in stream:
        room.clock.now = datetime.fromtimestamp(item["time"], UTC)
        room.server.put(paths[item["source"]], document(item))
        await room.poll(paths[item["source"]])
    async with room.store.database.reading() as connection:
        rows = await connection.execute(select(entries.c.title, entries.c.story_id))
        return {row.title: row.story_id for row in rows if row.story_id}


def predict(stream: list[Item], stories: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """What is in no story is one by itself."""
    for item in stream:
        yield {"id": item["id"], "cluster": stories.get(item["title"], f"none {item['id']}")}


async def test_the_pipeline_joins_what_the_command_line_joins(room: Newsroom, shared: Path) -> None:
    path = shared / "data" / "clusters-dev-telecom.jsonl"
    stream = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lines = ClusterLines(Matcher(CATALOGUE).match, OutletNames(CATALOGUE.outlets))
    score = load_scorer(shared, "score_clusters").score

    stories = await replay(room, stream)

    flagged = [item for item in stream if item["title"] in stories]
    assert len(flagged) > len(stream) // 2
    by_pipeline = list(predict(flagged, stories))
    by_command = [lines.add(item) for item in flagged]
    as_gold = [{**item, "time": 0} for item in by_command]
    agreement = score(as_gold, by_pipeline)
    assert agreement["bcubed"]["f1"] == 1.0, agreement
