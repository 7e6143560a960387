"""What strangers, and hubs that err, get to hear at the door."""

from __future__ import annotations

import asyncio
import gzip
import socket
from pathlib import Path

import aiohttp
import pytest

from bot.errors import SettingsInvalid
from bot.model import HubState
from bot.scheduling.workers import ParserPool
from bot.web import door as doors
from bot.web.door import open_door
from tests.pipeline.lab import NEWS, NOISE, rss
from tests.web.lab import MAX_BYTES, PUBLIC, HubRoom, open_hub_room, set_state

pytestmark = pytest.mark.asyncio(loop_scope="module")


def callback(token: str) -> str:
    return f"{PUBLIC}/websub/{token}"


async def test_an_address_that_nobody_was_given_does_not_exist(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        await room.subscribe()
        said = await room.hub.call_back(
            callback("x" * 43), mode="subscribe", topic=room.topic, challenge="c"
        )
        (held,) = room.hub.held.values()
        status = await room.hub.push_to(callback("x" * 43), held, rss(NEWS).body)

        assert said[0] == 404
        assert status == 410
        assert await room.news.titles() == [NOISE.title]


NOT_OURS: tuple[dict[str, str], ...] = (
    {"mode": "subscribe", "challenge": "c"},
    {"mode": "subscribe", "topic": "https://other.example/rss", "challenge": "c"},
    {"mode": "subscribe", "topic": "TOPIC"},
    {"mode": "subscribe", "topic": "TOPIC", "challenge": "c" * 5_000},
    {"mode": "unsubscribe", "topic": "TOPIC", "challenge": "c"},
    {"mode": "denied", "topic": "https://other.example/rss"},
    {"mode": "publish", "topic": "TOPIC", "challenge": "c"},
    {},
)


async def test_an_intent_that_is_not_ours_is_not_confirmed(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()
        for query in NOT_OURS:
            asked = {name: value.replace("TOPIC", room.topic) for name, value in query.items()}
            status, text = await room.hub.call_back(callback(held.token), **asked)

            assert status == 404, query
            assert "ccc" not in text
            assert await room.subscription() == held


@pytest.mark.parametrize("state", [HubState.REFUSED, HubState.LEAVING])
async def test_what_was_given_up_is_not_confirmed_anew(
    tmp_path: Path, pool: ParserPool, state: HubState
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()
        await set_state(room, state)
        query = {"mode": "subscribe", "topic": room.topic, "challenge": "c"}

        assert (await room.hub.call_back(callback(held.token), **query))[0] == 404


async def test_a_challenge_is_repeated_as_plain_text(tmp_path: Path, pool: ParserPool) -> None:
    challenge = "<script>alert(1)</script> é"
    async with open_hub_room(tmp_path, pool, challenge=challenge) as room:
        held = await room.subscribe()
        query = {
            "hub.mode": "subscribe", "hub.topic": room.topic,
            "hub.challenge": challenge, "hub.lease_seconds": "nonsense",
        }  # fmt: skip
        url = f"{room.door.address}/websub/{held.token}"
        async with aiohttp.ClientSession() as session, session.get(url, params=query) as answer:
            assert await answer.text() == challenge
            assert answer.content_type == "text/plain"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_document_beyond_the_limit_is_not_read(tmp_path: Path, pool: ParserPool) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        await room.subscribe()

        assert await room.hub.push(room.topic, b" " * (MAX_BYTES + 1)) == [413]


async def test_a_packed_document_is_refused(tmp_path: Path, pool: ParserPool) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        await room.subscribe()
        bomb = gzip.compress(bytes(2**24))

        assert await room.hub.push(room.topic, bomb, Content_Encoding="gzip") == [415]


async def test_a_push_that_does_not_arrive_is_given_up(
    tmp_path: Path, pool: ParserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "READ_S", 0.1)
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()

        assert (await send_head(room, held.token)).startswith(b"HTTP/1.1 408 ")


async def send_head(room: HubRoom, token: str) -> bytes:
    """Announce a push whose body never comes; the first line of the answer."""
    host, _, port = room.door.address.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST /websub/{token} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n".encode())
    try:
        return await reader.readline()
    finally:
        writer.close()


async def test_only_so_many_are_filed_at_once_and_none_is_broken_off(
    tmp_path: Path, pool: ParserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "AT_ONCE", 2)
    monkeypatch.setattr(doors, "ANSWER_S", 0.0)
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()
        busy = room.desk._taking[held.token] = asyncio.Lock()
        async with busy:  # another push of the same feed is being filed
            statuses = [(await room.hub.push(room.topic, rss(NEWS).body))[0] for _ in range(3)]
        await room.door.finish(within_s=60)

        assert statuses == [202, 202, 503]
        assert sorted(await room.news.titles()) == sorted([NOISE.title, NEWS.title])


async def test_a_port_that_is_taken_is_the_operators_to_change(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            where = f"127.0.0.1:{taken.getsockname()[1]}"
            with pytest.raises(SettingsInvalid, match=r"web\.listen .* is taken by another"):
                async with open_door(room.desk, listen=where, max_bytes=1):
                    raise AssertionError("nothing can listen there")
