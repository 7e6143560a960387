from __future__ import annotations

import asyncio
import logging
from itertools import pairwise

import aiohttp
import pytest
from pydantic import SecretStr

from bot.errors import SendParked, SendRefusedForNow
from bot.platforms.slack import workspaces
from bot.platforms.slack.clients import make_client, open_session
from bot.platforms.slack.workspaces import open_workspace
from tests.platforms.slack.stage import open_stage, settings_for
from tests.servers.slack import Fault, SlackServer


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(workspaces, "LONGEST_WAIT_S", 0.05)
    monkeypatch.setattr(workspaces, "FIRST_PROBE_S", 0.05)


async def test_slack_says_who_the_bot_is() -> None:
    async with SlackServer() as server, open_workspace(settings_for(server)) as one:
        assert await one.wait_until_settled()

        bot = await one.find_bot(server.team.id)

    assert (bot.team_id, bot.team_name) == (server.team.id, server.team.name)
    assert (bot.user_id, bot.bot_id) == (server.team.bot.id, server.team.bot_id)
    assert bot.url == server.team.url
    assert bot.scopes == server.team.token.scopes


async def test_until_slack_has_said_who_we_are_everything_is_put_off() -> None:
    async with SlackServer() as server:
        server.faults.add(Fault(0, hold_s=0.3, method="auth.test"))
        async with open_workspace(settings_for(server)) as one:
            assert not one.is_up
            with pytest.raises(SendRefusedForNow) as caught:
                await one.find_client(server.team.id)
            assert caught.value.is_general
            assert await one.wait_until_settled()
            assert one.is_up


@pytest.mark.parametrize(
    "fault",
    [
        Fault(503, method="auth.test"),
        Fault("drop", method="auth.test"),
        Fault("cut", method="auth.test"),
        Fault(error="internal_error", method="auth.test"),
    ],
    ids=lambda fault: str(fault.error or fault.answer),
)
async def test_while_slack_is_out_of_order_it_is_asked_again(
    fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    async with SlackServer() as server:
        server.faults.add(fault, fault, fault)
        async with open_workspace(settings_for(server)) as one:
            assert await one.wait_until_settled()
            assert server.count("auth.test") == 4

    told = [one.getMessage() for one in caplog.records if "cannot connect" in one.getMessage()]
    assert len(told) == 3
    assert all("\n" not in one and "xoxb-" not in one for one in told)


async def test_while_nothing_listens_there_it_is_asked_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with SlackServer() as server:
        settings = settings_for(server)
    async with open_workspace(settings) as one:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await one.wait_until_settled()
        assert not one.is_up

    told = [one for one in caplog.records if "cannot connect" in one.getMessage()]
    assert len(told) >= 3


async def test_a_limit_is_obeyed_before_it_is_asked_again() -> None:
    async with SlackServer() as server:
        server.faults.add(Fault(429, retry_after_s=1, method="auth.test"))
        async with open_workspace(settings_for(server)) as one:
            assert await one.wait_until_settled()

        first, second = [asked.at for asked in server.asked if asked.method == "auth.test"]
    assert second - first >= 1.0


@pytest.mark.parametrize("word", ["invalid_auth", "account_inactive", "token_revoked"])
async def test_a_token_that_is_not_taken_is_said_once_and_named(
    word: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with SlackServer() as server:
        server.team.token.error = word
        async with open_workspace(settings_for(server)) as one:
            assert not await one.wait_until_settled()
            with pytest.raises(SendRefusedForNow, match=r"slack\.bot_token") as caught:
                await one.find_client(server.team.id)

    assert (caught.value.retry_after_s or 0) >= 600
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "slack.bot_token" in told.getMessage()
    assert server.bot_token not in caplog.text


async def test_a_token_that_is_taken_again_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "PROBE_S", 0.05)
    async with SlackServer() as server:
        server.team.token.error = "invalid_auth"
        async with open_workspace(settings_for(server)) as one:
            assert not await one.wait_until_settled()
            server.team.token.error = ""

            async with asyncio.timeout(5):
                await one.wait_until_up()


async def test_a_token_of_another_workspace_is_told_plainly() -> None:
    async with open_stage() as stage:
        other = stage.server.add_team("Elsewhere")
        channel = stage.server.add_channel("news", team=other)

        with pytest.raises(SendParked, match=f"another workspace and not for {other.id}"):
            await stage.send(stage.owed(channel=channel))

        assert not channel.posts


async def test_a_token_that_is_taken_no_more_stops_all_requests(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_stage() as stage:
        stage.server.team.token.error = "invalid_auth"
        for name in ("s1", "s2", "s3"):
            with pytest.raises(SendRefusedForNow, match=r"slack\.bot_token"):
                await stage.send(stage.owed(name))

        assert stage.server.count("chat.postMessage") == 1
        assert not stage.sender.is_up
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1


async def test_a_token_that_is_taken_again_soon_is_found_out_soon() -> None:
    """And not after the hour that is between looks at last."""
    async with open_stage() as stage:
        stage.server.team.token.error = "invalid_auth"
        with pytest.raises(SendRefusedForNow, match=r"slack\.bot_token"):
            await stage.send(stage.owed())
        assert not stage.sender.is_up
        stage.server.team.token.error = ""

        async with asyncio.timeout(5):
            await stage.one.wait_until_up()
        await stage.send(stage.owed())


async def test_looks_at_a_refused_token_come_at_longer_and_longer_intervals(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workspaces, "PROBE_S", 0.2)
    async with SlackServer() as server:
        server.team.token.error = "invalid_auth"
        async with open_workspace(settings_for(server)):
            await server.wait_until(lambda: server.count("auth.test") == 5)

        at = [asked.at for asked in server.asked]
    for (before, after), wait_s in zip(pairwise(at), (0.05, 0.1, 0.2, 0.2), strict=True):
        assert after - before >= wait_s - 0.01


@pytest.mark.parametrize("word", ["account_inactive", "token_revoked"])
async def test_a_workspace_that_removed_the_app_parks_where_auth_test_says_so_too(
    word: str,
) -> None:
    async with open_stage() as stage:
        stage.server.team.token.error = word

        with pytest.raises(SendParked, match=r"removed from the workspace.*/alerts resume"):
            await stage.send(stage.owed())

        assert [one.method for one in stage.server.asked[-2:]] == ["chat.postMessage", "auth.test"]


async def test_a_client_neither_repeats_nor_asks_a_proxy_that_is_not_meant_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """slack_sdk itself would repeat a dropped post, and ask the proxy whatever NO_PROXY says."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with SlackServer() as server, open_session() as session:
        client = make_client(server.bot_token, api_base=server.api_base, session=session)
        assert (await client.auth_test())["ok"]
        server.faults.add(Fault("drop"))

        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel=server.channel.id, text="x")

        assert server.count("chat.postMessage") == 1


async def test_a_proxy_that_is_meant_for_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with SlackServer() as server, open_session() as session:
        client = make_client(server.bot_token, api_base=server.api_base, session=session)

        with pytest.raises(OSError, match="9"):
            await client.auth_test()

        assert not server.asked


async def test_without_a_token_slack_says_that_it_is_missing() -> None:
    async with SlackServer() as server:
        settings = settings_for(server, bot_token=SecretStr("xoxb-invented"))
        async with open_workspace(settings) as one:
            assert not await one.wait_until_settled()
