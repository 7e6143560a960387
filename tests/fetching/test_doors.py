from __future__ import annotations

import socket

import pytest

from bot.errors import AddressRefused, FeedUnreachable
from bot.fetching import parse_allowed
from bot.fetching.doors import SystemResolver, VettingResolver, VettingSocketFactory
from tests.builders import feed
from tests.fetching.lab import LOOPBACK, ScriptedResolver, fetcher
from tests.servers.feeds import Document, FeedServer, RawServer, saying, stall

OPENED = "127.0.0.2"
"""Stands for the public address: it passes the guard, and nobody listens there."""


async def test_a_name_that_rebinds_never_reaches_the_local_server() -> None:
    resolver = ScriptedResolver({"wire.example": [[OPENED], ["127.0.0.1"]]})
    async with (
        RawServer(stall) as canary,
        fetcher(resolver=resolver, allow=(parse_allowed(OPENED),), deadline_s=1.0) as opened,
    ):
        target = feed(f"http://wire.example:{canary.port}/rss")
        with pytest.raises(FeedUnreachable):
            await opened.fetch(target, conditional=True)
        assert resolver.calls == ["wire.example"]  # vetted and connected to in one look-up
        with pytest.raises(AddressRefused, match=r"wire\.example: 127\.0\.0\.1 is not a public"):
            await opened.fetch(target, conditional=True)

        assert canary.connections == 0


async def test_a_local_address_among_public_ones_is_never_tried() -> None:
    resolver = ScriptedResolver({"wire.example": [["127.0.0.1", OPENED, "::ffff:127.0.0.1"]]})
    async with (
        RawServer(stall) as canary,
        fetcher(resolver=resolver, allow=(parse_allowed(OPENED),), deadline_s=1.0) as opened,
    ):
        with pytest.raises(FeedUnreachable):
            await opened.fetch(feed(f"http://wire.example:{canary.port}/"), conditional=True)

        assert canary.connections == 0


async def test_a_redirect_to_a_name_of_a_local_address_is_refused() -> None:
    resolver = ScriptedResolver({"inside.example": [["127.0.0.1"]]})
    async with RawServer(stall) as canary:
        location = f"Location: http://inside.example:{canary.port}/\r\nContent-Length: 0"
        answer = f"HTTP/1.1 301 Moved Permanently\r\n{location}\r\n\r\n".encode()
        async with (
            RawServer(saying(answer)) as server,
            fetcher(
                resolver=resolver, allow=(parse_allowed(f"127.0.0.1:{server.port}"),)
            ) as opened,
        ):
            with pytest.raises(AddressRefused, match=r"inside\.example"):
                await opened.fetch(feed(server.url()), conditional=True)

        assert canary.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "localhost"])
async def test_no_spelling_of_loopback_is_connected_to(host: str) -> None:
    async with RawServer(stall) as canary, fetcher(allow=()) as opened:
        with pytest.raises(AddressRefused):
            await opened.fetch(feed(f"http://{host}:{canary.port}/"), conditional=True)

        assert canary.connections == 0


async def test_a_name_of_an_opened_address_passes() -> None:
    async with FeedServer({"/rss": Document(b"<rss/>")}) as server, fetcher() as opened:
        target = feed(f"http://localhost:{server.port}/rss")
        assert (await opened.fetch(target, conditional=True)).body == b"<rss/>"


async def test_only_vetted_addresses_are_handed_on_in_order() -> None:
    inner = ScriptedResolver({"wire.example": [["10.0.0.1", "127.0.0.2", "::1", "127.0.0.1"]]})
    resolver = VettingResolver(inner, allow=LOOPBACK)

    handed_on = [one["host"] for one in await resolver.resolve("wire.example", 8801)]

    assert handed_on == ["127.0.0.2", "127.0.0.1"]


async def test_the_system_resolver_knows_localhost_and_its_port() -> None:
    resolver = SystemResolver()
    found = await resolver.resolve("localhost", 8801, socket.AF_INET)
    await resolver.close()

    assert {(one["host"], one["port"]) for one in found} == {("127.0.0.1", 8801)}


def test_no_socket_is_made_for_an_address_that_may_not_be_asked() -> None:
    make = VettingSocketFactory(allow=LOOPBACK)
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
        make((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("10.0.0.1", 80)))
    with make((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))) as made:
        assert made.family is socket.AF_INET
