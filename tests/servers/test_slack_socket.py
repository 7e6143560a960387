"""Socket Mode of the loopback Slack: connections, acknowledgements, repeats, and what breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.servers.slack import SlackServer
from tests.servers.slack_bot import client_of, connect, running_bot

PING_S = 0.1


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer(is_limited=False) as made:
        yield made


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


async def test_address_of_a_connection_is_good_for_one(
    server: SlackServer, session: aiohttp.ClientSession
) -> None:
    opened = await client_of(server).apps_connections_open(app_token=server.app_token)
    await session.ws_connect(opened["url"])

    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(opened["url"])


async def test_command_arrives_as_slack_writes_it(
    server: SlackServer, session: aiohttp.ClientSession
) -> None:
    line = await connect(server, session)
    act = server.start_slash("/show  two words ")
    envelope = await line.hear()
    await line.ack(envelope, text="seen")
    await server.see(act)

    given = envelope["payload"]
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert (given["command"], given["text"]) == ("/show", "two words")
    assert (given["channel_id"], given["user_id"]) == (server.channel.id, server.person.id)
    assert (given["team_id"], given["channel_name"]) == (server.team.id, "general")
    assert act.text == "seen\n(only you can see this)"


async def test_event_without_acknowledgement_is_told_again(
    server: SlackServer, session: aiohttp.ClientSession
) -> None:
    server.hand_over.limit_s, server.hand_over.repeats_s = 0.05, (0.01, 0.01)
    line = await connect(server, session)
    act = server.start_say("hello")
    told = [await line.hear() for _ in range(3)]
    await line.ack(told[2])
    await server.wait_until(lambda: act.is_acked)

    assert [(e["retry_attempt"], e["retry_reason"]) for e in told] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
    ]
    assert len({e["payload"]["event_id"] for e in told}) == 1
    assert [e.name for e in server.hand_over.late] == ["events_api message"]


async def test_command_without_acknowledgement_fails_and_is_not_told_again(
    server: SlackServer, session: aiohttp.ClientSession
) -> None:
    server.hand_over.limit_s = 0.05
    line = await connect(server, session)
    act = await server.slash("/show one")

    await line.hear()
    assert act.failure == "operation_timeout"
    assert [len(e.sent_at) for e in server.hand_over.unanswered] == [1]


async def test_envelopes_go_to_any_one_of_several_connections(
    server: SlackServer, session: aiohttp.ClientSession
) -> None:
    lines = [await connect(server, session) for _ in range(2)]
    server.start_slash("/show one")
    server.start_slash("/show two")

    heard = {(await line.hear())["payload"]["text"] for line in lines}
    assert heard == {"one", "two"}


async def test_acknowledgements_of_nothing_are_complained_of(
    server: SlackServer, session: aiohttp.ClientSession
) -> None:
    line = await connect(server, session)
    await line.ack({"envelope_id": "unknown"})
    await line.socket.send_str("what?")
    await server.wait_until(lambda: len(server.complaints) == 2)

    assert server.complaints == [
        "an acknowledgement of nothing: unknown",
        "no acknowledgement: what?",
    ]


@pytest.mark.parametrize("how", ["cut", "refresh_requested", "warning", "silence"])
async def test_app_comes_back_after_its_connection_broke(server: SlackServer, how: str) -> None:
    async with running_bot(server, ping_s=PING_S):
        if how == "cut":
            server.sockets.cut()
        elif how == "silence":
            server.sockets.silence()
        else:
            await server.sockets.ask_to_leave(how)
        await server.wait_until(lambda: server.sockets.opened == 2)
        act = await server.slash("/show one")

    assert act.text.startswith("A *headline*")


async def test_app_knocks_until_it_is_let_in(server: SlackServer) -> None:
    async with running_bot(server, ping_s=PING_S):
        server.sockets.is_refusing = True
        server.sockets.cut()
        await server.wait_until(lambda: server.count("apps.connections.open") >= 2)
        missed = await server.slash("/show one")
        server.sockets.is_refusing = False
        await server.ready()
        act = await server.slash("/show two")

    assert missed.failure == "dispatch_failed"
    assert act.text.startswith("A *headline*")
