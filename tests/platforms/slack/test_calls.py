from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.delivery.pace import Urgency
from bot.errors import SendParked, SendRefusedForNow, SendUnclear
from bot.platforms.slack import calls
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.clients import make_client, open_session
from bot.platforms.slack.failures import DOUBTED_S, OF_TOKEN, Doing, error_of
from bot.platforms.slack.workspaces import Bot
from tests.platforms.slack.stage import Stage, make_hasty_pacer, open_stage
from tests.servers.slack import Fault


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened


async def info(client: AsyncWebClient) -> AsyncSlackResponse:
    return await client.conversations_info(channel="C1")


async def test_an_answer_is_what_slack_says(stage: Stage) -> None:
    channel = stage.server.channel

    answer = await stage.calls.ask(
        channel.team_id,
        "conversations.info",
        lambda client: client.conversations_info(channel=channel.id),
    )

    assert answer["channel"]["name"] == channel.name


async def test_what_slack_refuses_is_judged_and_its_word_is_kept(stage: Stage) -> None:
    with pytest.raises(SendParked) as caught:
        await stage.calls.ask(stage.server.team.id, "conversations.info", info)

    assert error_of(caught.value) == "channel_not_found"


async def test_a_short_wait_is_waited_for_and_a_long_one_puts_off_all_of_its_method(
    stage: Stage,
) -> None:
    team, method = stage.server.team.id, "users.info"
    person = stage.server.person.id

    async def ask() -> dict[str, object]:
        return await stage.calls.ask(team, method, lambda client: client.users_info(user=person))

    stage.server.faults.add(Fault(429, retry_after_s=1, method=method))
    assert (await ask())["ok"]
    stage.server.faults.add(Fault(429, retry_after_s=60, method=method))
    for _ in range(3):
        with pytest.raises(SendRefusedForNow) as caught:
            await ask()
        assert caught.value.is_paced
        assert (caught.value.retry_after_s or 0) > 50

    assert stage.server.count(method) == 3
    await stage.calls.ask(team, "auth.test", lambda client: client.auth_test())


class Renewing:
    """A workspace whose token is another one when it has expired."""

    is_up = True

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def find_client(self, workspace: str) -> AsyncWebClient:
        return await self._stage.one.find_client(workspace)

    async def find_bot(self, workspace: str) -> Bot:
        return await self._stage.one.find_bot(workspace)

    async def check_token(self, workspace: str, client: AsyncWebClient) -> AsyncWebClient:
        assert workspace == self._stage.server.team.id
        self._stage.server.team.token.error = ""
        assert client.session is not None
        return make_client(client.token, api_base=client.base_url, session=client.session)


@pytest.mark.parametrize("word", sorted(OF_TOKEN))
async def test_a_token_that_is_not_taken_is_followed_by_the_next_at_once(
    stage: Stage, word: str
) -> None:
    stage.server.team.token.error = word
    calls = Calls(Renewing(stage), make_hasty_pacer())

    await calls.ask(stage.server.team.id, "auth.test", lambda client: client.auth_test())

    assert [one.error for one in stage.server.asked[-2:]] == [word, ""]


@pytest.mark.parametrize("word", sorted(OF_TOKEN))
async def test_a_wrong_word_about_the_token_silences_nobody(stage: Stage, word: str) -> None:
    stage.server.faults.add(Fault(error=word), Fault(error=word, method="conversations.info"))

    with pytest.raises(SendRefusedForNow, match="but Slack takes the token") as caught:
        await stage.send(stage.owed())
    with pytest.raises(SendRefusedForNow):
        await stage.calls.ask(stage.server.team.id, "conversations.info", info)

    assert (caught.value.is_general, caught.value.retry_after_s) == (True, DOUBTED_S)
    assert stage.sender.is_up
    await stage.send(stage.owed())
    assert len(stage.server.channel.posts) == 1


@pytest.mark.parametrize("word", ["account_inactive", "token_revoked", "team_access_not_granted"])
async def test_what_slack_says_of_a_place_for_an_hour_is_believed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    stage.server.faults.chances = [(1.0, Fault(error=word))]
    with pytest.raises(SendRefusedForNow):
        await stage.send(stage.owed())
    monkeypatch.setattr(calls, "BELIEVED_S", 0.0)

    with pytest.raises(SendParked, match="/alerts resume"):
        await stage.send(stage.owed())


async def test_what_slack_took_back_in_between_is_no_hour_old(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault(error="account_inactive")
    stage.server.faults.add(fault)
    with pytest.raises(SendRefusedForNow):
        await stage.send(stage.owed())
    await stage.send(stage.owed())
    monkeypatch.setattr(calls, "BELIEVED_S", 0.05)
    await asyncio.sleep(0.06)
    stage.server.faults.add(fault)

    with pytest.raises(SendRefusedForNow):
        await stage.send(stage.owed("s2"))


async def test_whether_the_token_is_taken_is_asked_once_for_all_who_want_to_know(
    stage: Stage,
) -> None:
    asked = stage.server.count("auth.test")
    stage.server.faults.add(*(Fault(error="invalid_auth") for _ in range(20)))
    stage.server.faults.chances = [(1.0, Fault(0, hold_s=0.1, method="auth.test"))]

    said = await asyncio.gather(
        *(stage.send(stage.owed(f"s{number}")) for number in range(20)), return_exceptions=True
    )

    assert {type(one) for one in said} == {SendRefusedForNow}
    assert stage.server.count("auth.test") - asked <= 2


async def test_while_slack_does_not_say_whether_the_token_is_taken_nothing_is_parked(
    stage: Stage,
) -> None:
    stage.server.faults.chances = [(1.0, Fault(503, method="auth.test"))]
    stage.server.faults.add(Fault(error="account_inactive"))

    with pytest.raises(SendRefusedForNow, match="not known") as caught:
        await stage.send(stage.owed())

    assert caught.value.is_general
    assert stage.sender.is_up


async def test_a_token_that_expired_for_good_stops_all_requests(stage: Stage) -> None:
    stage.server.team.token.error = "token_expired"

    for _ in range(2):
        with pytest.raises(SendRefusedForNow, match=r"slack\.bot_token"):
            await stage.calls.ask(stage.server.team.id, "conversations.info", info)

    assert stage.server.count("conversations.info") == 1
    assert not stage.one.is_up


class Elsewhere:
    """A workspace at an address where something else answers."""

    is_up = True

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def find_client(self, workspace: str) -> AsyncWebClient:
        del workspace
        return self._client

    async def find_bot(self, workspace: str) -> Bot:
        raise AssertionError(f"nobody asks who the bot of {workspace} is")

    async def check_token(self, workspace: str, client: AsyncWebClient) -> AsyncWebClient:
        raise AssertionError(f"the token of {workspace} is doubted: {client.base_url}")


@asynccontextmanager
async def open_calls(answer: web.Response) -> AsyncIterator[Calls]:
    """Calls of a server that gives one answer to everything."""

    async def give(request: web.Request) -> web.Response:
        del request
        return answer.__class__(body=answer.body, status=answer.status, headers={**answer.headers})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", give)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    try:
        async with open_session() as session:
            client = make_client("xoxb-invented", api_base=base, session=session)
            yield Calls(Elsewhere(client), make_hasty_pacer())
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="<html>welcome</html>", content_type="text/html"),
        web.Response(text="hello", content_type="text/plain"),
        web.Response(body=b"[]", content_type="application/json"),
        web.Response(body=b"null", content_type="application/json"),
        web.Response(body=b'{"ok": tr', content_type="application/json"),
        web.Response(body=b"\xff\xfe", content_type="application/json"),
        web.Response(body=gzip.compress(b"x", mtime=0), content_type="application/gzip"),
        web.Response(body=b'"ok"', content_type="application/json"),
        web.Response(body=b"{}", content_type="application/json"),
        web.Response(status=502, text="<html>", content_type="text/html"),
        web.Response(status=500, body=b"[]", content_type="application/json"),
    ],
    ids=lambda answer: f"{answer.status}-{answer.content_type}-{bytes(answer.body)[:6]!r}",
)
async def test_what_is_no_answer_of_slacks_may_have_been_carried_out(answer: web.Response) -> None:
    async with open_calls(answer) as calls:
        with pytest.raises(SendUnclear):
            await calls.ask(
                "T1",
                "chat.postMessage",
                lambda client: client.chat_postMessage(channel="C1", text="x"),
                channel="C1",
                urgency=Urgency.FRESH,
                doing=Doing.POST,
            )


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=403, text="<html>", content_type="text/html"),
        web.Response(status=407, text="sign in", content_type="text/plain"),
        web.Response(status=404, body=b"{}", content_type="application/json"),
        web.Response(status=429, text="slow down", content_type="text/plain"),
    ],
    ids=lambda answer: f"{answer.status}",
)
async def test_what_a_machine_on_the_way_refuses_silences_no_channel(answer: web.Response) -> None:
    async with open_calls(answer) as calls:
        with pytest.raises(SendRefusedForNow) as caught:
            await calls.ask("T1", "conversations.info", info)

    assert caught.value.is_general
