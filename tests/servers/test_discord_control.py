"""The loopback Discord as a process of its own, steered over HTTP and by hand."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.servers.discord.__main__ import main
from tests.servers.discord.client import Client, Refused
from tests.servers.discord.control import ControlledServer
from tests.servers.discord_bot import running_bot

ROOT = Path(__file__).resolve().parents[2]
MODULE = [sys.executable, "-m", "tests.servers.discord"]


@pytest.fixture
def process() -> Iterator[dict[str, str]]:
    """What a server of its own prints: its addresses by name."""
    with subprocess.Popen(
        [*MODULE, "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        yield dict(started.stdout.readline().strip().split("=", 1) for _ in range(4))
        started.terminate()


async def test_process_tells_its_addresses_and_is_steered(process: dict[str, str]) -> None:
    client = Client(process["CONTROL"].removesuffix("/control"))
    made = client.act("channel", name="news", kind="text")
    client.act("faults", script=[{"answer": "drop", "is_committed": True}])

    async with aiohttp.ClientSession(
        headers={"Authorization": f"Bot {process['NEWSBOT_DISCORD_TOKEN']}"}
    ) as session:
        address = f"{process['NEWSBOT_DISCORD_API_BASE']}/channels/{made['id']}/messages"
        body = {"content": "x", "nonce": "a", "enforce_nonce": True}
        with pytest.raises(aiohttp.ClientError):
            await session.post(address, json=body)
        again = await session.post(address, json=body)

    (message,) = client.act("messages", channel="news")
    assert (again.status, message["text"], client.act("state")["nonce_hits"]) == (200, "x", 1)
    with pytest.raises(Refused, match="no channel 'nowhere'"):
        client.act("messages", channel="nowhere")


@asynccontextmanager
async def controlled() -> AsyncIterator[ControlledServer]:
    async with ControlledServer(is_limited=False) as server, running_bot(server):
        yield server


async def test_answers_are_drawn_and_pressed_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    async with controlled() as server:
        port = server.root.rsplit(":", 1)[1]

        async def by_hand(*words: str) -> tuple[int, str, str]:
            capsys.readouterr()
            status = await asyncio.to_thread(main, ["--port", port, *words])
            return status, *capsys.readouterr()

        _, said, _ = await by_hand("say", "/show company:huawei")
        _, offered, _ = await by_hand("complete", "/show company:hua")
        _, pressed, _ = await by_hand("press", "Wrong")
        _, noted, _ = await by_hand("submit", "reason=old news")
        _, shown, _ = await by_hand("show")
        hidden = await by_hand("say", "/manage", "--user", "ada")

    assert "│ huawei" in said
    assert "│ [Wrong]" in said
    assert offered == "Hua  (hua)\n"
    assert '"title": "Why not?"' in pressed
    assert noted.splitlines() == ["noted: old news", "(only you can see this)"]
    assert shown == f"newsbot:\n{said}"
    assert hidden == (1, "", "/manage is hidden from ada: permissions missing\n")
