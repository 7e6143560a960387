"""``newsbot run`` where a feed names a hub: its news come by it, and nobody polls for them."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace

from tests.cli.conftest import NEWS
from tests.cli.program import Newsbot
from tests.cli.running import ANOTHER
from tests.servers.feeds import Document, FeedServer
from tests.servers.hub import HubServer


async def test_what_a_hub_pushes_is_posted_at_once(
    newsbot: Newsbot, server: FeedServer, unused_tcp_port: int
) -> None:
    here = f"http://127.0.0.1:{unused_tcp_port}"
    topic = server.url("/news")
    newsbot.write("feeds.txt", topic)
    newsbot.env |= {
        "NEWSBOT_CATALOGUE_FEEDS": "feeds.txt",
        "NEWSBOT_WEB_LISTEN": f"127.0.0.1:{unused_tcp_port}",
        "NEWSBOT_WEB_PUBLIC_URL": here,
    }
    async with HubServer({topic}) as hub:
        links = f'<{hub.url}>; rel="hub", <{topic}>; rel="self"'
        server.put("/news", replace(Document(NEWS), headers={"Link": links}))
        await newsbot("run", "--once")
        assert hub.asked == []  # nobody would be there to be called

        process = await newsbot.start("run")
        async with asyncio.timeout(60):
            while not hub.held:
                await hub.settle()
                await asyncio.sleep(0.1)
        polls = server.counts["/news"]
        assert await hub.push(topic, ANOTHER) == [202]
        assert process.stdout is not None
        async with asyncio.timeout(30):
            posted = await process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            answer = await newsbot.finish(process)
        doctor = await newsbot("doctor")

    (held,) = hub.held.values()
    assert b"OnePlus 6" in posted + answer.out.encode()
    assert server.counts["/news"] == polls
    assert f"hubs push to {here}/websub/" in doctor.out
    assert held.secret not in answer.err
    assert held.callback not in answer.err


async def test_the_ports_for_hubs_and_for_slack_are_two(newsbot: Newsbot) -> None:
    newsbot.env |= {
        "NEWSBOT_WEB_PUBLIC_URL": "https://news.example.org",
        "NEWSBOT_WEB_LISTEN": "127.0.0.1:3000",
        "NEWSBOT_SLACK_MODE": "http",
        "NEWSBOT_SLACK_BOT_TOKEN": "xoxb-1",
        "NEWSBOT_SLACK_SIGNING_SECRET": "s" * 32,
    }
    answer = await newsbot("run", code=2)

    assert "web.listen 127.0.0.1:3000 takes the port of slack.listen (127.0.0.1:3000)" in answer.err
