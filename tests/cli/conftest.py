"""The program, and a server with feeds for it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.program import Newsbot
from tests.servers.feeds import Document, FeedServer

NEWS = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Harbour Wire</title>
<item><guid>one</guid><title>Verizon to sell the Huawei Mate 10 Pro phone</title>
<link>https://harbour.example/verizon-huawei</link>
<description>Verizon will sell the Huawei Mate 10 Pro phone in its shops.</description></item>
<item><guid>two</guid><title>Rain expected over the bay</title>
<link>https://harbour.example/rain</link></item>
</channel></rss>"""

PAGE = b"<!doctype html><html><body>No feed lives here.</body></html>"


@pytest.fixture
def newsbot(tmp_path: Path) -> Newsbot:
    return Newsbot(tmp_path)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    """One feed at /news, one page at /page that is no feed, nothing elsewhere."""
    documents = {"/news": Document(NEWS), "/page": Document(PAGE, content_type="text/html")}
    async with FeedServer(documents) as started:
        yield started


@pytest.fixture(scope="session")
def polled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bot that polled the feed at /news once; its two entries are history."""
    newsbot = Newsbot(tmp_path_factory.mktemp("polled"))

    async def poll() -> None:
        async with FeedServer({"/news": Document(NEWS)}) as server:
            newsbot.write("feeds.txt", server.url("/news"))
            await newsbot("run", "--once", "--feeds", "feeds.txt")

    asyncio.run(poll())
    return newsbot.folder


@pytest.fixture
def polled(newsbot: Newsbot, polled_once: Path) -> Newsbot:
    """A bot whose only feed was polled a moment ago, and is not due for long."""
    shutil.copytree(polled_once, newsbot.folder, dirs_exist_ok=True)
    return newsbot
