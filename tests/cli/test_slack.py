"""``newsbot slack`` and ``newsbot doctor`` with tokens for Slack, against a server of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from ruamel.yaml import YAML

from tests.cli.program import Newsbot
from tests.cli.running import connect_slack, follow
from tests.servers.feeds import FeedServer
from tests.servers.slack import Fault, SlackServer

URL = "https://news.example.org"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server


@pytest.fixture
def connected(newsbot: Newsbot, slack: SlackServer, server: FeedServer) -> Newsbot:
    """A bot with tokens for Slack, and one feed."""
    follow(newsbot, server.url("/news"))
    connect_slack(newsbot, slack)
    return newsbot


async def test_the_manifest_is_printed_for_pasting(newsbot: Newsbot) -> None:
    answer = await newsbot("slack", "manifest")

    read = YAML(typ="safe").load(answer.out)
    assert read["settings"]["socket_mode_enabled"] is True
    assert answer.err == ""


async def test_the_manifest_for_http_has_the_address(newsbot: Newsbot) -> None:
    answer = await newsbot("slack", "manifest", "--http", URL)

    read = YAML(typ="safe").load(answer.out)
    assert read["settings"]["event_subscriptions"]["request_url"] == f"{URL}/slack/events"


async def test_the_manifest_for_http_takes_an_address_that_slack_would(newsbot: Newsbot) -> None:
    answer = await newsbot("slack", "manifest", "--http", "localhost:3000", code=2)

    assert '"localhost:3000" is no address that Slack would send to' in answer.err
    assert answer.out == ""


async def test_doctor_knows_the_workspace_of_a_token(
    connected: Newsbot, slack: SlackServer
) -> None:
    answer = await connected("doctor")

    assert f"ok    slack: in the workspace Phone Fans, {slack.team.url}\n" in answer.out
    assert "ok    slack.app_token: Slack takes it\n" in answer.out
    assert "slack scopes" not in answer.out
    assert slack.count("apps.connections.open") == 1
    assert not slack.sockets.count


async def test_doctor_names_scopes_that_are_missing_and_what_they_are_for(
    connected: Newsbot, slack: SlackServer
) -> None:
    slack.team.token.scopes ^= {"im:history", "users:read", "team:read"}

    answer = await connected("doctor", code=1)

    told = "im:history (to read and answer what people write to the bot directly); users:read ("
    assert f"WRONG slack scopes: the app lacks {told}" in answer.out
    assert "then install the app again" in answer.out
    assert "note  slack scopes: the app has no use for team:read" in answer.out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"NEWSBOT_SLACK_BOT_TOKEN": "xoxb-old-invented"},
            "WRONG slack.bot_token: the token is not taken",
        ),
        (
            {"NEWSBOT_SLACK_APP_TOKEN": "xapp-old-invented"},
            "WRONG slack.app_token: Slack does not take the app-level token; make one with",
        ),
        (
            {"NEWSBOT_SLACK_API_BASE": "http://127.0.0.1:9/api/"},
            "WRONG slack: http://127.0.0.1:9/api/ cannot be asked about slack.app_token: ",
        ),
    ],
    ids=["bot token", "app token", "network"],
)
async def test_doctor_says_what_is_wrong(
    connected: Newsbot, change: dict[str, str], says: str
) -> None:
    connected.env |= change
    answer = await connected("doctor", code=1)

    assert says in answer.out
    assert "invented" not in answer.out


async def test_doctor_says_of_each_token_that_slack_could_not_be_asked(
    connected: Newsbot, slack: SlackServer
) -> None:
    for method in ("auth.test", "apps.connections.open"):
        slack.faults.add(Fault(error="internal_error", method=method))
    answer = await connected("doctor", code=1)

    wrong = [line for line in answer.out.splitlines() if line.startswith("WRONG")]
    assert [line.partition(" about ")[2].partition(":")[0] for line in wrong] == [
        "slack.bot_token",
        "slack.app_token",
    ]


async def test_doctor_tells_where_slack_reaches_the_bot_by_http(
    connected: Newsbot, slack: SlackServer
) -> None:
    del connected.env["NEWSBOT_SLACK_APP_TOKEN"]
    connected.env |= {"NEWSBOT_SLACK_MODE": "http", "NEWSBOT_SLACK_SIGNING_SECRET": "x" * 32}

    answer = await connected("doctor")
    assert "requests are taken at 127.0.0.1:3000; Slack sends them to the https address" in (
        answer.out
    )
    connected.env["NEWSBOT_SLACK_PUBLIC_URL"] = "http://127.0.0.1:3000"
    answer = await connected("doctor", code=1)
    assert "WRONG slack.public_url: Slack sends to https addresses only" in answer.out
    assert slack.count("apps.connections.open") == 0


async def test_doctor_tells_where_workspaces_install_the_app(connected: Newsbot) -> None:
    for key in ("NEWSBOT_SLACK_APP_TOKEN", "NEWSBOT_SLACK_BOT_TOKEN"):
        del connected.env[key]
    connected.env |= {
        "NEWSBOT_SLACK_MODE": "http",
        "NEWSBOT_SLACK_SIGNING_SECRET": "x" * 32,
        "NEWSBOT_SLACK_CLIENT_ID": "1.2",
        "NEWSBOT_SLACK_CLIENT_SECRET": "y" * 32,
        "NEWSBOT_SLACK_PUBLIC_URL": URL,
    }

    answer = await connected("doctor")
    assert f"ok    slack: workspaces install the app at {URL}/slack/install\n" in answer.out
    assert f"`newsbot slack manifest --http {URL}`" in answer.out
