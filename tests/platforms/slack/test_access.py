"""What the loopback Slack says of tokens, as an operator is told it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from bot.errors import NewsbotError, SendRefusedForNow, SettingsInvalid
from bot.platforms.slack.access import check_access, check_socket, find_door_problem
from tests.platforms.slack.stage import settings_for
from tests.servers.slack import Fault, SlackServer


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer() as opened:
        yield opened


async def test_a_good_token_is_known_with_its_workspace(server: SlackServer) -> None:
    access = await check_access(settings_for(server))

    assert (access.workspace, access.url) == (server.team.name, server.team.url)
    assert access.missing == {}
    assert access.spare == ()


async def test_scopes_are_held_against_the_manifest(server: SlackServer) -> None:
    server.team.token.scopes ^= {"im:history", "users:read", "team:read"}

    access = await check_access(settings_for(server))
    assert access.missing.keys() == {"im:history", "users:read"}
    assert access.missing["users:read"] == "to know who is an admin and who is a guest"
    assert access.spare == ("team:read",)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("invalid_auth", "is not taken"),
        ("account_inactive", "removed from the workspace"),
        ("token_revoked", "removed from the workspace"),
        ("not_allowed_token_type", "no bot token"),
    ],
)
async def test_a_token_that_is_not_taken_is_told_with_where_to_find_another(
    server: SlackServer, error: str, says: str
) -> None:
    server.faults.add(Fault(error=error, method="auth.test"))

    with pytest.raises(SettingsInvalid, match=says) as raised:
        await check_access(settings_for(server))
    assert "https://api.slack.com/apps" in str(raised.value)
    assert server.bot_token not in str(raised.value)


async def test_a_socket_can_be_had_and_none_is_opened(server: SlackServer) -> None:
    await check_socket(settings_for(server))

    assert server.count("apps.connections.open") == 1
    assert server.sockets.count == 0


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("invalid_auth", "connections:write"),
        ("missing_scope", "lacks the scope connections:write"),
        ("not_allowed_token_type", "xapp-"),
        ("link_disabled", "Socket Mode is switched off"),
        ("forbidden_team", "not open to this workspace"),
    ],
)
async def test_why_there_is_no_socket_is_told(server: SlackServer, error: str, says: str) -> None:
    server.faults.add(Fault(error=error, method="apps.connections.open"))

    with pytest.raises(SettingsInvalid, match=says) as raised:
        await check_socket(settings_for(server))
    assert server.app_token not in str(raised.value)


@pytest.mark.parametrize("check", [check_access, check_socket])
@pytest.mark.parametrize("fault", [Fault(503, method=""), Fault("drop", method=""), None])
async def test_where_slack_cannot_be_asked_no_token_is_blamed(
    server: SlackServer, check: Any, fault: Fault | None
) -> None:
    settings = settings_for(server)
    if fault is None:
        settings = settings.model_copy(update={"api_base": "http://127.0.0.1:9/api/"})
    else:
        server.faults.add(fault)

    about = "slack.bot_token" if check is check_access else "slack.app_token"
    with pytest.raises(SendRefusedForNow, match=f"cannot be asked about {about}: "):
        await check(settings)


async def test_the_tokens_of_another_are_told_from_ours(server: SlackServer) -> None:
    wrong = {"bot_token": SecretStr("xoxb-other"), "app_token": SecretStr("xapp-other")}
    for check in (check_access, check_socket):
        with pytest.raises(NewsbotError) as raised:
            await check(settings_for(server, **wrong))
        assert isinstance(raised.value, SettingsInvalid)


@pytest.mark.parametrize(
    ("url", "is_fine"),
    [("", True), ("https://news.example.org", True), ("http://127.0.0.1:3000", False)],
)
def test_slack_sends_to_https_alone(url: str, is_fine: bool) -> None:
    assert (find_door_problem(url) == "") is is_fine
