"""Tokens of organizations, for several workspaces, and tokens that run out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.token_rotation import async_rotator

from bot.errors import SendParked, SendRefusedForNow
from bot.platforms.slack import installs
from bot.store import SqlStore
from tests.platforms.slack.webstage import PUBLIC, SCOPES, Many, answering, open_many
from tests.servers.slack import SlackServer
from tests.servers.slack.calls import METHODS, Answer, Call, Method
from tests.servers.slack.faults import Fault
from tests.servers.slack.refusal import Refused
from tests.servers.slack.world import Token

ORGANIZATION = "xoxb-invented-organization-that-must-stay-unseen"
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


# organizations: one token for the workspaces that it is let into


async def install_in_organization(
    many: Many, token: str, *, at: float | None = None, name: str = "E1"
) -> None:
    """What the last step of an installation for a whole organization keeps."""
    await many.workspaces.store.async_save(
        Installation(
            app_id=many.server.app_id,
            enterprise_id=name,
            enterprise_name="Phone Group",
            bot_token=token,
            bot_id="B9",
            bot_user_id="U9",
            user_id="U1",
            is_enterprise_install=True,
            installed_at=at,
        )
    )


@pytest.fixture
def organization(many: Many) -> Iterator[set[str]]:
    """The workspaces that an organization lets the app into; its token is ORGANIZATION."""
    let: set[str] = set()
    known = Token(ORGANIZATION, set(SCOPES), many.server.team.id)
    many.server.tokens[ORGANIZATION] = known

    def list_teams(call: Call) -> Answer:
        """One to a page, as far as the token is an organization's."""
        if call.token.value != ORGANIZATION:
            raise Refused("not_allowed_token_type")
        there = sorted(let)
        at = int(call.text("cursor") or 0)
        more = str(at + 1) if at + 1 < len(there) else ""
        page = [{"id": team, "name": team} for team in there[at : at + 1]]
        return {"teams": page, "response_metadata": {"next_cursor": more}}

    more = frozenset({"limit", "cursor"})
    with answering(Method("auth.teams.list", list_teams, (), 2, more, is_app=False, is_open=False)):
        yield let


async def test_an_organization_is_written_to_where_it_let_the_app_in(
    many: Many, organization: set[str]
) -> None:
    organization |= {"T1", "T2", "T3"}
    await install_in_organization(many, ORGANIZATION)

    client = await many.workspaces.find_client("T3")

    assert client.token == ORGANIZATION
    assert client.default_params == {"team_id": "T3"}
    assert (await many.workspaces.find_bot("T3")).team_id == "T3"
    with pytest.raises(SendParked, match=WAY_BACK):
        await many.workspaces.find_client("T4")


async def test_a_workspaces_own_token_is_used_beside_its_organizations(
    many: Many, organization: set[str]
) -> None:
    await install_in_organization(many, ORGANIZATION, at=time.time() - 60)
    await many.install(many.server.team)

    client = await many.workspaces.find_client(many.server.team.id)

    assert client.token == many.server.team.bot_token
    assert client.default_params == {}
    assert await many.workspaces.count() == 2


async def test_a_workspace_that_an_organization_takes_out_is_cut_off_alone(
    many: Many, organization: set[str]
) -> None:
    organization |= {"T1", "T2"}
    await install_in_organization(many, ORGANIZATION)
    await many.workspaces.find_client("T1")
    organization.discard("T1")

    assert await many.workspaces.forget("T1")
    assert not await many.workspaces.forget("T2")

    with pytest.raises(SendParked):
        await many.workspaces.find_client("T1")
    assert (await many.workspaces.find_client("T2")).token == ORGANIZATION


async def test_an_organization_that_removes_the_app_takes_its_token_along(
    many: Many, organization: set[str]
) -> None:
    organization |= {"T1", "T2"}
    await install_in_organization(many, ORGANIZATION)
    many.server.tokens[ORGANIZATION].error = "token_revoked"

    with pytest.raises(SendParked):
        await many.workspaces.find_client("T2")
    assert await many.workspaces.forget("T1")

    assert await many.count_kept() == (0, 0)


async def test_an_organization_that_cannot_be_asked_is_asked_again(
    many: Many, organization: set[str]
) -> None:
    organization |= {"T1"}
    await install_in_organization(many, ORGANIZATION)
    many.server.faults.add(Fault(503, method="auth.teams.list"))

    with pytest.raises(SendRefusedForNow) as told:
        await many.workspaces.find_client("T1")

    assert told.value.is_general

    assert (await many.workspaces.find_client("T1")).token == ORGANIZATION


@pytest.mark.parametrize(
    "word",
    [
        "account_inactive",
        "fatal_error",
        "invalid_auth",
        "missing_scope",
        "org_login_required",
        "team_access_not_granted",
    ],
)
async def test_trouble_of_an_organization_is_none_of_a_workspace_with_its_own_token(
    many: Many, organization: set[str], word: str
) -> None:
    await many.install(many.server.team)
    await install_in_organization(many, ORGANIZATION)
    many.server.tokens[ORGANIZATION].error = word

    client = await many.workspaces.find_client(many.server.team.id)

    assert client.token == many.server.team.bot_token
    assert many.server.count("auth.teams.list") == 0


@pytest.mark.parametrize("word", ["invalid_auth", "missing_scope", "team_access_not_granted"])
async def test_trouble_of_one_organization_is_none_of_anothers_workspaces(
    many: Many, organization: set[str], word: str
) -> None:
    organization |= {"T1"}
    stranger = "xoxb-invented-stranger-that-must-stay-unseen"
    many.server.tokens[stranger] = Token(stranger, set(SCOPES), many.server.team.id, error=word)
    await install_in_organization(many, ORGANIZATION, at=time.time() - 60)
    await install_in_organization(many, stranger, name="E2")

    assert (await many.workspaces.find_client("T1")).token == ORGANIZATION
    with pytest.raises(SendRefusedForNow):  # the stranger may have let it into this one
        await many.workspaces.find_client("T2")


async def test_an_organization_is_asked_once_for_all_its_workspaces(
    many: Many, organization: set[str]
) -> None:
    organization |= {f"T{n}" for n in range(10)}
    await install_in_organization(many, ORGANIZATION)

    await asyncio.gather(*(many.workspaces.find_client(team) for team in organization))
    await many.install(many.server.team)  # after which everything is looked up anew
    await asyncio.gather(*(many.workspaces.find_client(team) for team in organization))

    assert many.server.count("auth.teams.list") == 10  # pages of the one list


async def test_an_organization_that_is_asked_too_often_is_left_alone(
    many: Many, organization: set[str]
) -> None:
    organization |= {"T1", "T2"}
    await install_in_organization(many, ORGANIZATION)
    many.server.faults.add(Fault(429, method="auth.teams.list", retry_after_s=60))

    for team in ("T1", "T2"):
        with pytest.raises(SendRefusedForNow) as told:
            await many.workspaces.find_client(team)
        assert 50 < (told.value.retry_after_s or 0) <= 60

    assert many.server.count("auth.teams.list") == 1


async def test_a_stop_does_not_wait_for_an_organization_that_hangs(
    many: Many, organization: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installs, "CLOSE_S", 0.1)
    await install_in_organization(many, ORGANIZATION)
    many.server.faults.add(Fault(0, method="auth.teams.list", hold_s=60))
    asking = asyncio.create_task(many.workspaces.find_client("T1"))
    await many.server.wait_until(lambda: len(many.server.faults.struck) == 1)

    async with asyncio.timeout(5):
        await many.workspaces.aclose()

    with pytest.raises(SendRefusedForNow, match="the program stops"):
        await asking
    assert await many.workspaces.count() == 1


# tokens that run out, where an app has switched that on


@pytest.fixture
def rotating(many: Many) -> Iterator[list[str]]:
    """The refresh tokens that were given in, each of which gives the next pair once."""
    given: list[str] = []
    team = many.server.team

    def refresh(call: Call) -> Answer:
        if call.text("grant_type") != "refresh_token":
            return before.answer(call)
        given.append(call.text("refresh_token"))
        if call.text("refresh_token") != f"xoxe-1-{len(given) - 1}-unseen":
            raise Refused("invalid_refresh_token")
        token = Token(f"xoxe.xoxb-1-{len(given)}-unseen", set(SCOPES), team.id)
        many.server.tokens[token.value] = token
        return {
            "token_type": "bot",
            "access_token": token.value,
            "refresh_token": f"xoxe-1-{len(given)}-unseen",
            "expires_in": 43_200,
        }

    before = METHODS["oauth.v2.access"]
    more = before.more | {"grant_type", "refresh_token"}
    with answering(replace(before, answer=refresh, more=more)):
        yield given


async def keep_rotating(many: Many, *, expires_in_s: int) -> None:
    team = many.server.team
    await many.workspaces.store.async_save(
        Installation(
            app_id=many.server.app_id,
            team_id=team.id,
            team_name=team.name,
            bot_token=team.bot_token,
            bot_id=team.bot_id,
            bot_user_id=team.bot.id,
            bot_refresh_token="xoxe-1-0-unseen",
            bot_token_expires_in=expires_in_s,
            user_id="U1",
        )
    )


async def test_a_token_that_runs_out_soon_is_exchanged_and_the_new_one_kept(
    many: Many, rotating: list[str]
) -> None:
    await keep_rotating(many, expires_in_s=60)

    client = await many.workspaces.find_client(many.server.team.id)
    again = many.restart()

    assert client.token == "xoxe.xoxb-1-1-unseen"
    assert (await again.find_client(many.server.team.id)).token == client.token
    assert rotating == ["xoxe-1-0-unseen"]
    assert await many.count_kept() == (1, 1)
    await again.aclose()


async def test_a_token_is_exchanged_while_the_program_runs(
    many: Many, rotating: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep_rotating(many, expires_in_s=4 * 3600)
    workspace, start_s = many.server.team.id, time.time()
    assert (await many.workspaces.find_client(workspace)).token == many.server.team.bot_token

    monkeypatch.setattr(time, "time", lambda: start_s + 3 * 3600)
    monkeypatch.setattr(async_rotator, "time", lambda: start_s + 3 * 3600)

    assert (await many.workspaces.find_client(workspace)).token == "xoxe.xoxb-1-1-unseen"
    assert rotating == ["xoxe-1-0-unseen"]


async def test_a_token_that_cannot_be_exchanged_now_is_used_as_long_as_it_lasts(
    many: Many, rotating: list[str]
) -> None:
    await keep_rotating(many, expires_in_s=3600)
    many.server.faults.add(Fault("drop", method="oauth.v2.access"))

    first = await many.workspaces.find_client(many.server.team.id)
    second = await many.workspaces.find_client(many.server.team.id)

    assert first.token == many.server.team.bot_token
    assert second.token == "xoxe.xoxb-1-1-unseen"


async def test_a_token_that_has_run_out_is_exchanged_when_slack_says_so(
    many: Many, rotating: list[str]
) -> None:
    team = many.server.team
    await keep_rotating(many, expires_in_s=4 * 3600)
    client = await many.workspaces.find_client(team.id)
    known = many.workspaces._reached[team.id]
    await keep_rotating(many, expires_in_s=60)
    many.workspaces._reached[team.id] = known
    many.server.revoke(team, "token_expired")

    assert (await many.workspaces.check_token(team.id, client)).token == "xoxe.xoxb-1-1-unseen"
    assert rotating == ["xoxe-1-0-unseen"]
