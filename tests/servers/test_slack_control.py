"""The loopback Slack as a process of its own, and a person's lines."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack.__main__ import ControlledServer, main, send
from tests.servers.slack_bot import running_bot

ROOT = Path(__file__).resolve().parents[2]
MODULE = [sys.executable, "-m", "tests.servers.slack"]


@pytest.fixture
def process() -> Iterator[dict[str, str]]:
    """What a server of its own prints: its addresses by name."""
    with subprocess.Popen(
        [*MODULE, "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as started:
        assert started.stdout is not None
        yield dict(started.stdout.readline().strip().split("=", 1) for _ in range(4))
        started.terminate()


async def test_process_tells_its_addresses_and_is_steered(process: dict[str, str]) -> None:
    root = process["CONTROL"].removesuffix("/control")
    place = send(root, "channel news")
    send(root, 'fault {"answer": 503, "is_committed": true}')
    client = AsyncWebClient(
        token=process["NEWSBOT_SLACK_BOT_TOKEN"], base_url=process["NEWSBOT_SLACK_API_BASE"]
    )
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=place, text="x")
    send(root, "in news")

    (post,) = json.loads(send(root, "posts"))
    assert (post["text"], json.loads(send(root, "state"))["struck"]) == ("x", 1)
    assert send(root, "in nowhere") == "! no channel 'nowhere'"


@pytest.fixture
async def server() -> AsyncIterator[ControlledServer]:
    async with ControlledServer(is_limited=False) as made, running_bot(made):
        yield made


async def test_person_acts_by_hand(
    server: ControlledServer, capsys: pytest.CaptureFixture[str]
) -> None:
    port = server.root.rsplit(":", 1)[1]

    async def by_hand(*words: str) -> tuple[int, str]:
        status = await asyncio.to_thread(main, ["--port", port, "do", *words])
        return status, capsys.readouterr().out.rstrip("\n")

    assert await by_hand("/show open") == (0, "A *headline*\n[Wrong] [Grow]")
    assert (await by_hand("press Wrong"))[1].startswith("── Why not? ──")
    assert await by_hand("type Company hu") == (0, "Huawei  (huawei)")
    assert await by_hand("submit Reason=none") == (0, "reason: say a little more")
    assert await by_hand("submit", "Reason='old news'") == (0, "noted: old news (nobody)")
    assert await by_hand("press Grow") == (0, "grown")
    assert await by_hand("as grace") == (0, "grace, in general")
    assert await by_hand("say @newsbot hi") == (0, f"heard: <@{server.team.bot.id}> hi")
    assert (await by_hand("show"))[1].startswith("newsbot: grown\n\ngrace: <@")
    assert (await by_hand("home"))[1] == "── Home ──\nA *headline*\n[Wrong] [Grow]"
    assert await by_hand("dance") == (1, "! no 'dance'; help lists what there is")


async def test_every_line_of_the_help_is_there(server: ControlledServer) -> None:
    said = await server.prompt.obey("help")
    named = [line.split()[0] for line in said.splitlines() if line and not line.startswith("/")]

    assert "press" in named
    known = {name.removeprefix("do_").replace("_", "-") for name in dir(server.prompt)}
    assert set(named[2:]) - {"A"} <= known
