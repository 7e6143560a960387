"""A question to a hub as it travels, and what its answers mean."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from bot.errors import AddressRefused, FeedUnreachable, Trouble
from bot.fetching import WebHubAsker
from bot.model import HubState, HubSubscription
from tests.builders import NOW
from tests.fetching.lab import CERTIFICATE, LOCAL_NAMES, ScriptedResolver, fetcher
from tests.servers.feeds import Document, FeedServer, RawServer, head, redirect, saying

CALLBACK = "https://news.example.org/websub/token"
ACCEPTED = saying(head("Content-Length: 0", status="202 Accepted"))


def subscription(hub: str, feed_url: str = "http://127.0.0.1/rss") -> HubSubscription:
    return HubSubscription(
        feed_id=1,
        hub=hub,
        topic="https://wire.example/rss?a=1&b=ü",
        token="token",
        secret="between us",
        state=HubState.ASKED,
        asked_at=NOW,
        next_try_at=NOW,
        feed_url=feed_url,
    )


@asynccontextmanager
async def asking(tls: ssl.SSLContext | None = None) -> AsyncIterator[WebHubAsker]:
    async with fetcher(resolver=ScriptedResolver(LOCAL_NAMES), tls=tls) as opened:
        yield WebHubAsker(opened.exchange, opened.strangers, clock=lambda: NOW)


async def ask(asker: WebHubAsker, asked: HubSubscription, *, leaves: bool = False) -> None:
    await asker.ask(asked, leaves=leaves, callback=CALLBACK, lease_s=864_000.0)


async def find_form(*, leaves: bool) -> tuple[str, dict[str, list[str]]]:
    """The head and the form that arrive at a hub."""
    bodies: list[bytes] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = server.requests[0].partition("Content-Length: ")[2].split()[0]
        bodies.append(await reader.readexactly(int(length)))
        await ACCEPTED(reader, writer)

    async with RawServer(behave) as server, asking() as asker:
        await ask(asker, subscription(server.url("/hub?x=1")), leaves=leaves)
    return server.requests[0], parse_qs(bodies[0].decode("ascii"), strict_parsing=True)


async def test_the_question_is_a_form_with_all_a_hub_must_know() -> None:
    request, form = await find_form(leaves=False)

    assert request.startswith("POST /hub?x=1 HTTP/1.1\r\n")
    assert "\r\nContent-Type: application/x-www-form-urlencoded\r\n" in request
    assert form == {
        "hub.callback": [CALLBACK],
        "hub.mode": ["subscribe"],
        "hub.topic": ["https://wire.example/rss?a=1&b=ü"],
        "hub.lease_seconds": ["864000"],
        "hub.secret": ["between us"],
    }


async def test_who_leaves_tells_no_secret() -> None:
    _, form = await find_form(leaves=True)

    assert form["hub.mode"] == ["unsubscribe"]
    assert not {"hub.secret", "hub.lease_seconds"} & form.keys()


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "204 No Content"])
async def test_any_answer_of_200_and_more_is_a_yes(status: str) -> None:
    answer = saying(head("Content-Length: 0", status=status))
    async with RawServer(answer) as server, asking() as asker:
        await ask(asker, subscription(server.url()))


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        ("400 Bad Request", Trouble.ANSWER),
        ("403 Forbidden", Trouble.BLOCKED),
        ("404 Not Found", Trouble.MISSING),
        ("500 Oops", Trouble.SERVER),
    ],
)
async def test_other_answers_are_errors_without_the_secret(status: str, trouble: Trouble) -> None:
    answer = saying(head("Content-Length: 0", status=status))
    async with RawServer(answer) as server, asking() as asker:
        with pytest.raises(FeedUnreachable, match=f"answered {status[:3]}") as caught:
            await ask(asker, subscription(server.url("/hub?key=hunter2")))

    assert caught.value.trouble is trouble
    assert "between us" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_a_hub_that_wants_peace_gets_it() -> None:
    answer = saying(head("Retry-After: 300", "Content-Length: 0", status="429 Slow Down"))
    async with RawServer(answer) as server, asking() as asker:
        asked = subscription(server.url())
        for was_asked in (True, False):
            with pytest.raises(FeedUnreachable) as caught:
                await ask(asker, asked)
            assert caught.value.was_asked is was_asked

    assert len(server.requests) == 1


@pytest.mark.parametrize("feed_url", ["", "http://wire.example/rss", "https://8.8.8.8/rss"])
async def test_strangers_feeds_lead_to_no_hub_on_the_operators_machines(feed_url: str) -> None:
    async with RawServer(ACCEPTED) as server, asking() as asker:
        asked = subscription(server.url(), feed_url)
        for host in ("127.0.0.1", "wire.example"):
            hub = f"https://{host}:{server.port}/"
            with pytest.raises(AddressRefused, match="is not a public address"):
                await ask(asker, replace(asked, hub=hub))

    assert server.connections == 0


async def test_a_form_takes_no_connection_that_may_be_closed_already() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ACCEPTED(reader, writer)
        await reader.read()  # whatever else comes here stays without an answer

    async with RawServer(behave) as server, asking() as asker:
        for _ in range(2):
            await ask(asker, subscription(server.url()))

    assert server.connections == 2


@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize("feed_url", ["http://127.0.0.1/rss", "https://wire.example/rss"])
async def test_a_hub_that_has_http_only_is_not_asked(feed_url: str, leaves: bool) -> None:
    async with RawServer(ACCEPTED) as server, asking() as asker:
        hub = f"http://wire.example:{server.port}/"  # a name, and not the operator's in figures
        with pytest.raises(AddressRefused, match="which plain http would show") as caught:
            await ask(asker, subscription(hub, feed_url), leaves=leaves)

    assert server.connections == 0
    assert "between us" not in str(caught.value)


async def test_a_form_does_not_follow_from_https_to_http() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    async with (
        RawServer(ACCEPTED) as plain,
        FeedServer({"/there": Document(b"")}, tls=context) as safe,
        asking(trusting) as asker,
    ):
        safe.put("/up", redirect(safe.url("/there", host="wire.example"), status=307))
        await ask(asker, subscription(safe.url("/up", host="wire.example")))
        safe.put("/down", redirect(f"http://wire.example:{plain.port}/", status=308))
        with pytest.raises(AddressRefused, match="which plain http would show"):
            await ask(asker, subscription(safe.url("/down", host="wire.example")))

    assert [asked.path for asked in safe.asked] == ["/up", "/there", "/down"]
    assert plain.connections == 0
