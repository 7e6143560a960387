"""What goes wrong on purpose in the loopback Slack, and its rate limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import Fault, SlackServer
from tests.servers.slack_bot import client_of, error_of, running_bot


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer(is_limited=False) as made:
        yield made


async def post(server: SlackServer, text: str = "x") -> None:
    await client_of(server).chat_postMessage(channel=server.channel.id, text=text)


@pytest.mark.parametrize("is_committed", [True, False])
@pytest.mark.parametrize("answer", [500, 503, "drop", "cut"])
async def test_fault_strikes_once_before_or_after_the_effect(
    server: SlackServer, answer: int | str, is_committed: bool
) -> None:
    server.faults.add(Fault(answer, is_committed=is_committed))  # type: ignore[arg-type]
    with pytest.raises((SlackApiError, aiohttp.ClientError)):
        await post(server)
    posts = len(server.channel.posts)
    await post(server)

    assert posts == int(is_committed)
    assert len(server.channel.posts) == posts + 1
    assert [asked.is_committed for asked in server.asked] == [is_committed, True]
    assert len(server.faults.struck) == 1


async def test_fault_may_be_a_word_of_slacks_own(server: SlackServer) -> None:
    server.faults.add(Fault(error="fatal_error", is_committed=True))

    assert await error_of(post(server)) == "fatal_error"
    assert len(server.channel.posts) == 1


async def test_answer_is_held_back_after_the_effect(server: SlackServer) -> None:
    server.faults.add(Fault(0, is_committed=True, hold_s=0.3))
    sending = asyncio.create_task(post(server))
    await server.wait_until(lambda: bool(server.channel.posts))

    assert not sending.done()
    await sending


async def test_fault_strikes_only_what_it_is_meant_for(server: SlackServer) -> None:
    other = server.add_channel("other", team=server.team)
    server.faults.add(Fault(503, channel=other.id), Fault(503, method="users.info"))
    await post(server)

    assert len(server.faults.script) == 2


async def test_faults_by_chance_follow_their_seed(server: SlackServer) -> None:
    async def run() -> list[str]:
        server.faults = type(server.faults)(chances=[(0.5, Fault(error="internal_error"))], seed=3)
        return [await error_of(post(server)) for _ in range(12)]

    first = await run()
    assert set(first) == {"", "internal_error"}
    assert await run() == first


async def test_response_url_can_fail_too(server: SlackServer) -> None:
    async with running_bot(server):
        server.faults.add(Fault("drop", is_committed=True, method="response_url"))
        act = await server.slash("/show one")
        await server.wait_until(lambda: server.count("response_url") == 1)

    assert len(act.answers) == 1
    assert server.asked[-1].status == 0


def test_request_that_was_limited_never_took_effect() -> None:
    with pytest.raises(ValueError, match="never takes effect"):
        Fault(429, is_committed=True)
    with pytest.raises(ValueError, match="1 or more"):
        Fault(429, retry_after_s=0)
    with pytest.raises(ValueError, match="a fault answers"):
        Fault(418)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def limited() -> AsyncIterator[tuple[SlackServer, AsyncWebClient, Clock]]:
    async with SlackServer() as made:
        made.limiter.clock = clock = Clock()
        yield made, client_of(made), clock


Limited = tuple[SlackServer, AsyncWebClient, Clock]


async def test_channel_takes_a_small_burst_and_then_one_post_a_second(limited: Limited) -> None:
    server, client, clock = limited
    other = server.add_channel("other", team=server.team)

    async def send(channel: str) -> tuple[int, str]:
        try:
            await client.chat_postMessage(channel=channel, text="x")
        except SlackApiError as refused:
            response = refused.response
            return response.status_code, str(response.headers.get("Retry-After"))
        return 200, ""

    place = server.channel.id
    assert [await send(place) for _ in range(4)] == [(200, "")] * 3 + [(429, "1")]
    assert await send(other.id) == (200, "")
    clock.now += 1
    assert [await send(place) for _ in range(2)] == [(200, ""), (429, "1")]
    assert server.limiter.overruns == {"chat.postMessage": 2}
    assert len(server.channel.posts) == 4


async def test_workspace_has_a_limit_over_all_channels(limited: Limited) -> None:
    server, client, _ = limited
    server.limiter.team_per_min = 50
    channels = [server.add_channel(str(n), team=server.team) for n in range(6)]
    answers = [
        await error_of(client.chat_postMessage(channel=channel.id, text="x"))
        for channel in channels
    ]

    assert answers == [""] * 5 + ["ratelimited"]


async def test_methods_have_their_tiers_and_workspaces_their_own(limited: Limited) -> None:
    server, client, clock = limited
    other = server.add_team("Elsewhere")

    async def ask(times: int) -> int:
        answers = [await error_of(client.conversations_list()) for _ in range(times)]
        return answers.count("ratelimited")

    assert await ask(22) == 2
    assert await error_of(client_of(server, other).conversations_list()) == ""
    clock.now += 60
    assert await ask(20) == 0


async def test_limit_on_purpose_is_not_counted_as_the_apps_own(limited: Limited) -> None:
    server, client, _ = limited
    server.faults.add(Fault(429, retry_after_s=7))
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=server.channel.id, text="x")

    assert refused.value.response.headers["Retry-After"] == "7"
    assert (server.limiter.overruns, server.limiter.injected["chat.postMessage"]) == ({}, 1)
