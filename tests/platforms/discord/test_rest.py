from __future__ import annotations

import asyncio
import logging
import socket

import aiohttp
import discord
import pytest
from discord.http import Route
from pydantic import SecretStr

from bot.delivery.pace import Urgency
from bot.errors import SendRefusedForNow
from bot.platforms.discord import rest as rest_module
from bot.platforms.discord.rest import open_rest, point_library_at
from bot.platforms.discord.sender import DiscordSender
from bot.settings import DiscordSettings
from tests.builders import message
from tests.platforms.discord.desk import until
from tests.platforms.discord.stage import Stage, now, settings_for
from tests.servers.discord import DiscordServer, Fault, redirected


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_module, "FIRST_WAIT_S", 0.05)


async def said(caplog: pytest.LogCaptureFixture, words: str) -> None:
    """Wait until the log says so."""
    async with asyncio.timeout(10):
        while words not in caplog.text:  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_network_that_is_away_is_waited_for_while_sends_are_put_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    port = free_port()
    waiting = DiscordServer(port=port)
    root = f"127.0.0.1:{port}"
    settings = settings_for(
        waiting, api_base=f"http://{root}/api/v10", gateway_url=f"ws://{root}/gateway"
    )
    with redirected(waiting):
        async with open_rest(settings) as rest:
            stage = Stage(waiting, rest, DiscordSender(rest, clock=now))
            with pytest.raises(SendRefusedForNow, match="not logged in"):
                await stage.send(stage.owed())
            await said(caplog, "next attempt")
            async with waiting:
                assert await rest.wait_until_settled()
                await stage.send(stage.owed())

    assert len(waiting.channel.posts) == 1
    assert waiting.token not in caplog.text


@pytest.mark.parametrize("operation", ["get_my_user", ""])
async def test_a_login_that_fails_half_way_is_repeated_whole(operation: str) -> None:
    async with DiscordServer() as server:
        server.faults.add(
            Fault(503, operation=operation), Fault("drop", operation="get_my_oauth2_application")
        )
        with redirected(server):
            async with open_rest(settings_for(server)) as rest:
                assert await rest.wait_until_settled()

        assert len(server.faults.struck) == 2


async def test_a_wrong_token_is_said_once_and_never_asked_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret = "MTIzNDU2Nzg5MDEyMzQ1Njc4.invented.token-that-is-wrong-altogether"
    async with DiscordServer() as server:
        with redirected(server):
            async with open_rest(settings_for(server, token=SecretStr(secret))) as rest:
                assert not await rest.wait_until_settled()
                stage = Stage(server, rest, DiscordSender(rest, clock=now))
                for name in ("s1", "s2"):
                    with pytest.raises(SendRefusedForNow, match=r"discord\.token") as caught:
                        await stage.send(stage.owed(name))
                    assert (caught.value.retry_after_s or 0) >= 600

        assert len(server.asked) == 1
    (told,) = [one for one in caplog.records if "discord.token" in one.getMessage()]
    assert told.levelno == logging.ERROR
    assert secret not in caplog.text


def lines_on_the_token(caplog: pytest.LogCaptureFixture, level: int) -> int:
    return sum(one.levelno >= level and "token is" in one.getMessage() for one in caplog.records)


async def test_a_token_that_discord_refused_at_the_start_is_taken_when_discord_is_well_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_module, "PROBE_S", 0.2)
    async with DiscordServer() as server:
        token, server.token = server.token, "another.token.than-that"
        with redirected(server):
            async with open_rest(settings_for(server, token=SecretStr(token))) as rest:
                assert not await rest.wait_until_settled()
                await until(lambda: len(server.asked) >= 3)
                server.token = token
                await asyncio.wait_for(rest.wait_until_up(), 10)

                assert str(rest.client.user) == str(server.bot.name)
    assert lines_on_the_token(caplog, logging.WARNING) == 1


async def test_a_token_that_discord_refused_for_a_while_is_asked_about_and_posts_go_on(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_module, "PROBE_S", 0.2)
    token, stage.server.token = stage.server.token, "another.token.than-that"
    with pytest.raises(SendRefusedForNow, match="token"):
        await stage.send(stage.owed())
    before = len(stage.server.asked)
    with pytest.raises(SendRefusedForNow, match=r"discord\.token"):
        await stage.send(stage.owed())
    await until(lambda: len(stage.server.asked) >= before + 2)
    assert {one.operation for one in stage.server.asked[before:]} == {"get_my_user"}
    stage.server.token = token
    await asyncio.wait_for(stage.rest.wait_until_up(), 10)
    await stage.send(stage.owed())

    assert len(stage.server.channel.posts) == 1
    assert lines_on_the_token(caplog, logging.WARNING) == 1


async def test_a_401_of_a_machine_in_between_stops_neither_the_log_in_nor_posts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with DiscordServer() as server:
        server.faults.add(
            Fault(401, operation="get_my_user"), Fault(401, operation="create_message")
        )
        with redirected(server):
            async with open_rest(settings_for(server)) as rest:
                assert await rest.wait_until_settled()
                stage = Stage(server, rest, DiscordSender(rest, clock=now))
                with pytest.raises(SendRefusedForNow):
                    await stage.send(stage.owed())

                assert rest.is_up
                await stage.send(stage.owed())
        assert len(server.faults.struck) == 2
    assert "not in Discord's words" in caplog.text


async def test_an_address_where_no_discord_is_names_the_setting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def answer(_: aiohttp.web.BaseRequest) -> aiohttp.web.StreamResponse:
        return aiohttp.web.json_response({"hello": "there"})

    runner = aiohttp.web.ServerRunner(aiohttp.web.Server(answer))
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    before = Route.BASE
    try:
        async with open_rest(DiscordSettings(token=SecretStr("invented"), api_base=base)):
            await said(caplog, "discord.api_base")
    finally:
        Route.BASE = before
        await runner.cleanup()


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with DiscordServer() as server:
        with redirected(server):
            async with open_rest(settings_for(server)) as rest:
                assert await rest.wait_until_settled()


async def test_another_client_of_the_same_token_passes_the_same_pacer_and_answers_do_not(
    stage: Stage,
) -> None:
    async with discord.Client(
        intents=discord.Intents.none(), http_trace=stage.rest.traffic.trace
    ) as other:
        await other.login(stage.server.token)
        stage.rest.traffic.pacer.slow_down(1.0)
        began = asyncio.get_running_loop().time()
        with pytest.raises(discord.NotFound):
            await other.http.request(Route("GET", "/webhooks/1/unknown-token"))
        answered_s = asyncio.get_running_loop().time() - began
        async with stage.rest.traffic.call(Urgency.FRESH):
            await other.fetch_channel(stage.server.channel.id)
        asked_s = asyncio.get_running_loop().time() - began

    assert answered_s < 0.5
    assert asked_s >= 1.0


async def test_leaving_while_it_logs_in_leaves_nothing_open() -> None:
    async with DiscordServer() as server:
        server.faults.add(Fault(0, operation="", hold_s=3.0))
        with redirected(server):
            async with open_rest(settings_for(server)) as rest:
                await asyncio.sleep(0.05)
                assert not rest.is_up


async def test_the_library_is_pointed_at_both_addresses(stage: Stage) -> None:
    from discord.gateway import DiscordWebSocket  # noqa: PLC0415 - read where it is tested

    point_library_at(settings_for(stage.server))

    assert stage.server.api_base == Route.BASE
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == stage.server.gateway_url
    await stage.send(stage.owed(), message())
