"""Workspaces that install the app: each with its own token, on both databases, over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import SendParked, SendRefusedForNow
from bot.platforms.slack import installs
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.failures import OFF_S, RETRY_S, Doing
from bot.store import SqlStore
from tests.platforms.slack.stage import make_hasty_pacer
from tests.platforms.slack.webstage import PUBLIC, SCOPES, Many, open_many
from tests.servers.slack import SlackServer
from tests.servers.slack.faults import Fault
from tests.servers.slack.world import Team, Token

WAY_BACK = f"install it again at {PUBLIC}/slack/install, then use /alerts resume"


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer() as opened:
        yield opened
        assert opened.complaints == []


@pytest.fixture
async def many(server: SlackServer, store: SqlStore) -> AsyncIterator[Many]:
    async with open_many(server, store) as opened:
        yield opened


def texts(many: Many, team: Team) -> list[str]:
    """What stands in the channels of a workspace."""
    return [
        message.text for channel in team.channels.values() for message in channel.messages.values()
    ]


async def post(many: Many, team: Team, text: str) -> None:
    (channel,) = team.channels.values()
    client = await many.workspaces.find_client(team.id)
    await client.chat_postMessage(channel=channel.id, text=text)


def add_team(server: SlackServer, name: str) -> Team:
    team = server.add_team(name)
    server.add_user("linus", team=team)
    server.add_channel("general", team=team)
    return team


async def test_two_workspaces_get_their_own_posts_by_their_own_tokens(many: Many) -> None:
    here, there = many.server.team, add_team(many.server, "Carrier Watch")

    pages = [await many.install(here), await many.install(there)]
    await post(many, here, "for phone fans")
    await post(many, there, "for carrier watchers")

    assert "<h1>Installed in Phone Fans</h1>" in pages[0]
    assert f"https://app.slack.com/client/{there.id}" in pages[1]
    assert texts(many, here) == ["for phone fans"]
    assert texts(many, there) == ["for carrier watchers"]
    used = [one.token for one in many.server.asked if one.method == "chat.postMessage"]
    assert used == [here.bot_token, there.bot_token]
    assert await many.workspaces.count() == 2


async def test_one_uninstalls_and_the_other_goes_on(many: Many) -> None:
    here, there = many.server.team, add_team(many.server, "Carrier Watch")
    for team in (here, there):
        await many.install(team)
    many.server.revoke(here, "account_inactive")

    assert await many.workspaces.forget(here.id)

    with pytest.raises(SendParked, match=WAY_BACK):
        await many.workspaces.find_client(here.id)
    await post(many, there, "still here")
    assert texts(many, there) == ["still here"]
    assert await many.count_kept() == (1, 1)


async def test_a_workspace_that_never_installed_it_is_told_how(many: Many) -> None:
    with pytest.raises(SendParked, match="not installed in the workspace any more") as told:
        await many.workspaces.find_client("T404")

    assert WAY_BACK in str(told.value)
    assert many.workspaces.how_to_install == f"to install it: {PUBLIC}/slack/install"


async def test_a_new_installation_takes_the_place_of_the_old_one_at_once(many: Many) -> None:
    team = many.server.team
    await many.install(team)
    await post(many, team, "first")
    many.server.revoke(team)
    team.token = Token("xoxb-invented-second-that-must-stay-unseen", set(SCOPES), team.id)
    many.server.tokens[team.token.value] = team.token

    await many.install(team)
    await post(many, team, "second")

    assert texts(many, team) == ["first", "second"]
    assert await many.count_kept() == (1, 1)


async def test_a_late_word_of_an_earlier_removal_changes_nothing(many: Many) -> None:
    team = many.server.team
    await many.install(team)

    assert not await many.workspaces.forget(team.id)

    await post(many, team, "still here")
    assert texts(many, team) == ["still here"]


async def test_a_workspace_that_comes_back_while_its_removal_is_heard_stays(many: Many) -> None:
    team = many.server.team
    await many.install(team)
    many.server.revoke(team)
    many.server.faults.add(
        Fault(0, error="token_revoked", method="auth.test", hold_s=0.3, is_committed=True)
    )
    forgetting = asyncio.create_task(many.workspaces.forget(team.id))
    await many.server.wait_until(lambda: len(many.server.faults.struck) == 1)

    await many.install(team)
    await forgetting

    await post(many, team, "still here")
    assert await many.count_kept() == (1, 1)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(503, method="auth.test"),
        Fault(429, method="auth.test", retry_after_s=30),
        Fault("drop", method="auth.test"),
        Fault(0, error="invalid_auth", method="auth.test"),
    ],
)
async def test_a_removal_that_cannot_be_checked_changes_nothing(many: Many, fault: Fault) -> None:
    team = many.server.team
    await many.install(team)
    many.server.faults.add(fault)

    assert not await many.workspaces.forget(team.id)

    assert await many.count_kept() == (1, 1)
    await post(many, team, "goes on")
    assert texts(many, team) == ["goes on"]


async def test_what_was_found_survives_a_restart(many: Many) -> None:
    team = many.server.team
    await many.install(team)
    again = many.restart()

    client = await again.find_client(team.id)

    assert client.token == team.bot_token
    await again.aclose()


async def test_many_who_ask_at_once_share_one_look(many: Many) -> None:
    team = many.server.team
    await many.install(team)

    clients = await asyncio.gather(*(many.workspaces.find_client(team.id) for _ in range(50)))

    assert len({id(client) for client in clients}) == 1


async def test_who_is_broken_off_breaks_no_transaction_off(many: Many) -> None:
    team = many.server.team
    await many.install(team)
    for turn in range(20):
        many.workspaces._forget_all()
        asking = asyncio.create_task(many.workspaces.find_client(team.id))
        await asyncio.sleep(turn * 0.0003)
        looking = tuple(many.workspaces._work)
        asking.cancel()
        await asyncio.wait([asking])
        await asyncio.gather(*looking)  # raises where one was broken off

        client = await asyncio.wait_for(many.workspaces.find_client(team.id), 10)
        assert client.token == team.bot_token


async def test_who_the_bot_is_somewhere_is_asked_once(many: Many) -> None:
    team = many.server.team
    await many.install(team)
    before = many.server.count("auth.test")

    bots = [await many.workspaces.find_bot(team.id) for _ in range(3)]

    assert many.server.count("auth.test") == before + 1
    assert {bot.user_id for bot in bots} == {team.bot.id}
    assert (bots[0].team_id, bots[0].team_name, bots[0].url) == (team.id, team.name, team.url)
    assert bots[0].scopes == set(SCOPES)


async def test_who_the_bot_is_while_slack_is_away_is_a_wait(many: Many) -> None:
    team = many.server.team
    await many.install(team)
    many.server.faults.add(Fault(429, method="auth.test", retry_after_s=7))

    with pytest.raises(SendRefusedForNow) as told:
        await many.workspaces.find_bot(team.id)

    assert told.value.retry_after_s == 7
    assert (await many.workspaces.find_bot(team.id)).user_id == team.bot.id


async def test_a_token_that_is_not_taken_waits_and_a_new_installation_ends_that(
    many: Many,
) -> None:
    team, there = many.server.team, add_team(many.server, "Carrier Watch")
    for one in (team, there):
        await many.install(one)
    client = await many.workspaces.find_client(team.id)
    many.server.faults.add(Fault(0, error="invalid_auth", method="auth.test"))

    with pytest.raises(SendRefusedForNow, match="is not taken") as told:
        await many.workspaces.check_token(team.id, client)

    assert told.value.retry_after_s == RETRY_S
    with pytest.raises(SendRefusedForNow, match="is not taken") as told:
        await many.workspaces.find_client(team.id)
    assert told.value.is_general
    await post(many, there, "goes on")
    await many.install(team)
    await post(many, team, "back")
    assert texts(many, team) == ["back"]


async def test_a_token_that_stays_refused_is_asked_about_ever_less_often(
    many: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = many.server.team
    await many.install(team)
    client = await many.workspaces.find_client(team.id)
    many.server.revoke(team, "invalid_auth")
    passed_s, started_s, waits = 0.0, time.monotonic(), []
    monkeypatch.setattr(installs, "monotonic_s", lambda: started_s + passed_s)

    for _ in range(7):
        with pytest.raises(SendRefusedForNow) as told:
            await many.workspaces.check_token(team.id, client)
        waits.append(told.value.retry_after_s or 0.0)
        passed_s += waits[-1]

    assert waits == [30, 60, 120, 240, 480, OFF_S, OFF_S]


# a word about the token, answered to some call


async def test_a_word_against_a_token_that_is_taken_parks_nothing(many: Many) -> None:
    team = many.server.team
    await many.install(team)
    client = await many.workspaces.find_client(team.id)

    assert await many.workspaces.check_token(team.id, client) is client


async def test_many_words_against_a_token_are_one_question(many: Many) -> None:
    team = many.server.team
    await many.install(team)
    client = await many.workspaces.find_client(team.id)
    before = many.server.count("auth.test")

    await asyncio.gather(*(many.workspaces.check_token(team.id, client) for _ in range(20)))

    assert many.server.count("auth.test") == before + 1


@pytest.mark.parametrize("word", ["account_inactive", "token_revoked"])
async def test_a_removal_that_no_event_told_of_is_found_by_the_next_call(
    many: Many, word: str
) -> None:
    team = many.server.team
    await many.install(team)
    client = await many.workspaces.find_client(team.id)
    many.server.revoke(team, word)

    with pytest.raises(SendParked, match=WAY_BACK):
        await many.workspaces.check_token(team.id, client)

    assert await many.count_kept() == (0, 0)


@pytest.mark.parametrize("answer", [429, 503, "drop"])
async def test_a_token_that_cannot_be_asked_about_is_kept(many: Many, answer: Any) -> None:
    team = many.server.team
    await many.install(team)
    client = await many.workspaces.find_client(team.id)
    many.server.faults.add(Fault(answer, method="auth.test", retry_after_s=7))

    with pytest.raises(SendRefusedForNow) as told:
        await many.workspaces.check_token(team.id, client)

    assert told.value.is_general
    assert told.value.retry_after_s == (7 if answer == 429 else RETRY_S)
    assert await many.count_kept() == (1, 1)


async def test_a_token_that_another_process_got_is_used_from_the_next_call_on(many: Many) -> None:
    team, other = many.server.team, many.restart()
    (channel,) = team.channels.values()
    calls = Calls(other, make_hasty_pacer())

    async def post_there(text: str) -> None:
        await calls.ask(
            team.id,
            "chat.postMessage",
            lambda client: client.chat_postMessage(channel=channel.id, text=text),
            channel=channel.id,
            doing=Doing.POST,
        )

    await many.install(team)
    await post_there("first")
    many.server.revoke(team, "account_inactive")
    team.token = Token("xoxb-invented-second-that-must-stay-unseen", set(SCOPES), team.id)
    many.server.tokens[team.token.value] = team.token
    await many.install(team)

    await post_there("second")

    assert texts(many, team) == ["first", "second"]
    await other.aclose()


async def test_no_token_is_logged(many: Many, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    team = many.server.team
    await many.install(team)
    client = await many.workspaces.find_client(team.id)
    many.server.faults.add(Fault(0, error="invalid_auth", method="auth.test"))
    with pytest.raises(SendRefusedForNow):
        await many.workspaces.check_token(team.id, client)
    many.server.revoke(team)
    await many.workspaces.forget(team.id)

    assert f"installed in Phone Fans ({team.id})" in caplog.text
    assert f"removed from Phone Fans ({team.id})" in caplog.text
    assert "unseen" not in caplog.text
