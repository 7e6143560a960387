"""What strangers, and hubs that err, get to hear at the door."""

from __future__ import annotations

import asyncio
import gzip
import socket
from pathlib import Path

import aiohttp
import pytest

from bot.errors import SettingsInvalid
from bot.model import FeedOrigin, FeedSpec, HubState, HubSubscription
from bot.scheduling.workers import ParserPool
from bot.web import door as doors
from bot.web.door import open_door
from tests.builders import NOW
from tests.pipeline.lab import NEWS, NOISE, rss
from tests.servers.hub import Held
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


@pytest.mark.parametrize("path", ["/websub/nobody", "/elsewhere"])
async def test_what_is_refused_is_not_read_to_its_end(
    tmp_path: Path, pool: ParserPool, path: str
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        _, writer = await announce(room, path, 200_000_000)
        with pytest.raises(ConnectionError):
            await send_zeros(writer, 200_000_000)
        writer.close()


async def test_who_is_refused_is_told_that_the_connection_ends(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        reader, writer = await announce(room, "/websub/nobody", 9)
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 410 ")
    assert b"\r\nConnection: close\r\n" in answer


async def test_a_packed_document_is_refused(tmp_path: Path, pool: ParserPool) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        await room.subscribe()
        bomb = gzip.compress(bytes(2**24), mtime=0)

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
    reader, writer = await announce(room, f"/websub/{token}", 9)
    try:
        return await reader.readline()
    finally:
        writer.close()


async def send_zeros(writer: asyncio.StreamWriter, length: int) -> None:
    """Send so many, however long that takes."""
    for _ in range(length // 1_000_000):
        writer.write(bytes(1_000_000))
        await writer.drain()


async def announce(
    room: HubRoom, path: str, length: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection and say that so many bytes will follow."""
    host, _, port = room.door.address.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
    return reader, writer


async def wait_for_places(room: HubRoom, taken: int) -> None:
    """Until so many are taken; whoever is stuck here found one that is never given back."""
    async with asyncio.timeout(60):
        while room.door.places_taken != taken:  # noqa: ASYNC110 - the door tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("drips", "statuses"),
    [
        ((1, 0, 0, 0), (202, 202, 202, 202)),
        ((2, 0, 0, 0), (503, 202, 202, 202)),
        ((2, 2, 0, 0), (503, 503, 503, 202)),  # three feeds of one hub; the last has another
    ],
)
async def test_who_sends_by_drops_takes_no_places_from_others(
    tmp_path: Path, pool: ParserPool, drips: tuple[int, ...], statuses: tuple[int, ...]
) -> None:
    tokens = ("first", "second", "third", "last")
    async with open_hub_room(tmp_path, pool) as room:
        for token in tokens:
            url = f"https://{token}.example/rss"
            added, _ = await room.news.store.add_feed(
                FeedSpec(url), origin=FeedOrigin.ADDED, now=NOW
            )
            hub = f"https://{'other' if token == 'last' else 'one'}.hub.example/{token}"
            await room.news.store.save_hub(
                HubSubscription(
                    feed_id=added.id,
                    hub=hub,
                    topic=url,
                    token=token,
                    secret="s",
                    state=HubState.ASKED,
                    asked_at=NOW,
                    next_try_at=NOW,
                )
            )
        left = [
            (await announce(room, f"/websub/{token}", 9))[1]
            for token, count in zip(tokens, drips, strict=True)
            for _ in range(count)
        ]
        await wait_for_places(room, sum(drips))
        held = Held(callback="", topic="", secret="")
        heard = [await room.hub.push_to(callback(token), held, b"<rss/>") for token in tokens]
        for writer in left:
            writer.close()
        await wait_for_places(room, 0)

    assert tuple(heard) == statuses


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
