"""The socket fails in every way we know of, and another one follows."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.platforms.slack import supervisor
from bot.platforms.slack.supervisor import HOPELESS, find_delay, is_away, tell, tell_end
from tests.platforms.discord.rows import row, say_hello
from tests.platforms.slack.desk import HASTE, Desk, open_desk, until
from tests.servers.slack import Fault, SlackServer

TABLE = (row("hello", say_hello),)
OPEN = "apps.connections.open"


async def check_it_answers(desk: Desk) -> None:
    assert "Hello" in await desk.answer("/try hello")


def refuse(server: SlackServer) -> None:
    server.sockets.is_refusing = True


async def test_a_first_connect_that_is_refused_is_repeated() -> None:
    async with open_desk(table=TABLE, prepare=refuse, is_waited_for=False) as desk:
        await until(lambda: desk.server.count(OPEN) >= 3)
        desk.server.sockets.is_refusing = False
        await desk.wait_until_up()

        await check_it_answers(desk)


async def test_an_address_that_opens_no_socket_is_not_asked_twice(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """slack_sdk alone would ask the same address for ever."""
    async with open_desk(table=TABLE, is_waited_for=False, prepare=spend_tickets) as desk:
        await until(lambda: desk.server.count(OPEN) >= 3)
        desk.server.sockets._tickets = set()
        await desk.wait_until_up()

        await check_it_answers(desk)
        assert "its address was answered 408" in caplog.text
        assert "Traceback" not in caplog.text


def spend_tickets(server: SlackServer) -> None:
    class Spent(set[str]):
        def __contains__(self, _: object) -> bool:
            return False

    server.sockets._tickets = Spent()


async def test_a_server_that_hangs_at_the_socket_is_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hasty = replace(HASTE, open_s=0.3)

    def hang(server: SlackServer) -> None:
        server.faults.add(Fault(0, method=OPEN, hold_s=5.0))

    async with open_desk(table=TABLE, patience=hasty, prepare=hang) as desk:
        await check_it_answers(desk)
        assert "not connected within" in caplog.text


@pytest.fixture
def mute(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What Slack says first on a socket instead of its greeting: one thing each, then as usual."""
    said: list[dict[str, Any]] = []
    send = web.WebSocketResponse.send_json

    async def send_json(socket: web.WebSocketResponse, data: Any, **given: Any) -> None:
        if data.get("type") == "hello" and said:
            data = said.pop(0)
        await send(socket, data, **given)

    monkeypatch.setattr(web.WebSocketResponse, "send_json", send_json)
    return said


async def test_a_socket_on_which_slack_says_nothing_is_replaced(
    mute: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    mute.append({"type": "nothing"})
    hasty = replace(HASTE, open_s=0.5)
    async with open_desk(table=TABLE, patience=hasty) as desk:
        await check_it_answers(desk)
        assert desk.server.sockets.opened == 2
        assert "not connected within" in caplog.text


async def test_a_socket_that_is_turned_away_at_once_is_followed_by_another(
    mute: list[dict[str, Any]],
) -> None:
    mute.append({"type": "disconnect", "reason": "too_many_websockets"})
    async with open_desk(table=TABLE) as desk:
        await check_it_answers(desk)
        assert desk.server.sockets.opened == 2


async def test_socket_mode_that_is_off_from_the_start_is_told(
    mute: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    mute.append({"type": "disconnect", "reason": "link_disabled"})
    async with open_desk(table=TABLE) as desk:
        await check_it_answers(desk)
        assert "switch it on in the app's settings" in caplog.text


async def test_a_lost_connection_is_replaced() -> None:
    async with open_desk(table=TABLE) as desk:
        desk.server.sockets.cut()
        await until(lambda: desk.server.sockets.opened == 2 and desk.supervisor.is_up)

        await check_it_answers(desk)


async def test_a_connection_gone_silent_is_replaced() -> None:
    quick = replace(HASTE, ping_s=0.2)
    async with open_desk(table=TABLE, patience=quick) as desk:
        desk.server.sockets.silence()
        await until(lambda: desk.server.sockets.opened == 2 and desk.supervisor.is_up)

        await check_it_answers(desk)


async def test_a_socket_that_slack_renews_is_kept_until_the_next_one_is_open() -> None:
    slow = replace(HASTE, first_s=0.4, linger_s=1.5)
    async with open_desk(table=TABLE, patience=slow) as desk:
        await desk.server.sockets.ask_to_leave("warning")
        await asyncio.sleep(0.05)
        assert desk.supervisor.is_up
        await check_it_answers(desk)
        await until(lambda: desk.server.sockets.count == 2)
        await check_it_answers(desk)
        await until(lambda: desk.server.sockets.count == 1)

        await check_it_answers(desk)
        assert desk.server.sockets.opened == 2


async def test_a_socket_that_slack_renews_is_kept_while_there_is_no_next_one() -> None:
    brief = replace(HASTE, linger_s=0.01)
    async with open_desk(table=TABLE, patience=brief) as desk:
        asked = desk.server.count(OPEN)
        desk.server.sockets.is_refusing = True
        await desk.server.sockets.ask_to_leave("warning")
        await until(lambda: desk.server.count(OPEN) >= asked + 3)
        assert desk.supervisor.is_up
        await check_it_answers(desk)
        desk.server.sockets.is_refusing = False
        await until(lambda: desk.server.sockets.opened == 2)
        await until(lambda: desk.server.sockets.count == 1)

        await check_it_answers(desk)


@pytest.mark.parametrize("reason", ["refresh_requested", "too_many_websockets"])
async def test_a_socket_that_slack_ends_is_followed_by_another(reason: str) -> None:
    async with open_desk(table=TABLE) as desk:
        await desk.server.sockets.ask_to_leave(reason)
        await until(lambda: desk.server.sockets.opened == 2 and desk.supervisor.is_up)

        await check_it_answers(desk)


async def test_a_renewal_alarms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async with open_desk(table=TABLE) as desk:
        await desk.server.sockets.ask_to_leave("warning")
        await until(lambda: desk.server.sockets.opened == 2)

    assert [one.message for one in caplog.records if one.levelno >= logging.WARNING] == []


async def test_no_task_and_no_connection_outlives_its_socket() -> None:
    async with open_desk(table=TABLE) as desk:
        before = len(asyncio.all_tasks())
        for number in (2, 3, 4):
            desk.server.sockets.cut()
            await until(lambda: desk.server.sockets.opened == number)  # noqa: B023
            await until(lambda: desk.supervisor.is_up)

        await until(lambda: len(desk.supervisor._sockets) == 1)
        await until(lambda: len(asyncio.all_tasks()) <= before)
        assert desk.server.sockets.count == 1


@pytest.mark.parametrize(
    "error", ["invalid_auth", "not_allowed_token_type", "missing_scope", "account_inactive"]
)
async def test_what_only_a_person_can_mend_is_one_line_and_no_storm(
    error: str, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse_token(server: SlackServer) -> None:
        server.faults.chances = [(1.0, Fault(method=OPEN, error=error))]

    slow = replace(HASTE, hopeless_s=60.0)
    async with open_desk(
        table=TABLE, patience=slow, prepare=refuse_token, is_waited_for=False
    ) as desk:
        await until(lambda: HOPELESS[error] in caplog.text)
        await asyncio.sleep(0.3)

        assert desk.server.count(OPEN) == 1
        (told,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
        assert "slack.app_token" in told.getMessage()
        assert desk.server.app_token not in caplog.text


async def test_a_token_that_is_taken_again_has_commands_answered_again() -> None:
    def refuse_token(server: SlackServer) -> None:
        server.faults.add(Fault(method=OPEN, error="invalid_auth"))

    async with open_desk(table=TABLE, prepare=refuse_token) as desk:
        await check_it_answers(desk)


async def test_socket_mode_that_is_switched_off_is_told_and_looked_at_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_desk(table=TABLE) as desk:
        await desk.server.sockets.ask_to_leave("link_disabled")
        await until(lambda: "switch it on in the app's settings" in caplog.text)
        await until(lambda: desk.supervisor.is_up)

        await check_it_answers(desk)


async def test_a_limit_of_slacks_is_obeyed() -> None:
    def limit(server: SlackServer) -> None:
        server.faults.add(Fault(429, method=OPEN, retry_after_s=1))

    async with open_desk(table=TABLE, prepare=limit) as desk:
        first, second = [one.at for one in desk.server.asked if one.method == OPEN]

        assert second - first >= 1.0


async def test_an_outage_is_asked_about_less_and_less(caplog: pytest.LogCaptureFixture) -> None:
    slow = replace(HASTE, first_s=0.1, longest_s=60.0, away_s=60.0)
    async with open_desk(table=TABLE, patience=slow, prepare=refuse, is_waited_for=False) as desk:
        await until(lambda: desk.server.count(OPEN) >= 4)

        waits = [float(one) for one in re.findall(r"next attempt in ([\d.]+) s", caplog.text)]
        assert waits[-1] >= 0.2


async def test_slack_that_is_not_there_is_asked_often_enough(
    caplog: pytest.LogCaptureFixture,
) -> None:
    slow = replace(HASTE, first_s=0.1, longest_s=60.0, away_s=0.15)
    async with open_desk(table=TABLE, patience=slow, prepare=refuse, is_waited_for=False) as desk:
        await until(lambda: desk.server.count(OPEN) >= 6)

        waits = [float(one) for one in re.findall(r"next attempt in ([\d.]+) s", caplog.text)]
        assert len(waits) >= 5
        assert max(waits) <= 0.2
        assert "no command arrives until then" in caplog.text
        assert "posting" not in caplog.text


async def test_posting_goes_on_while_no_socket_is_there() -> None:
    async with open_desk(table=TABLE, prepare=refuse, is_waited_for=False) as desk:
        assert await desk.workspaces.wait_until_settled()
        place = desk.place()
        await desk.calls.call(
            place,
            "chat.postMessage",
            lambda client: client.chat_postMessage(channel=place.channel, text="A story"),
        )

        assert [post.text for post in desk.server.channel.posts] == ["A story"]


class Slow:
    """A command that works until it is let go."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def __call__(self, call: Any) -> Any:
        await self.may_end.wait()
        return await say_hello(call)


async def test_a_stop_lets_the_answer_under_way_arrive() -> None:
    slow = Slow()
    async with SlackServer() as server:
        async with open_desk(table=(row("it", slow),), server=server):
            act = server.start_slash("/try it")
            await until(lambda: act.is_acked)
            asyncio.get_running_loop().call_later(0.2, slow.may_end.set)

        assert "Hello" in act.text


async def test_a_command_that_takes_too_long_holds_up_no_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "FINISH_S", 0.1)
    async with SlackServer() as server:
        async with open_desk(table=(row("it", Slow()),), server=server) as desk:
            act = server.start_slash("/try it")
            await until(lambda: act.is_acked)
            started = time.monotonic()

        assert time.monotonic() - started < 2.0
        assert desk.reception._busy == set()
        assert "I was stopped before I was done" in act.text


async def test_an_answer_under_way_arrives_though_the_socket_ended() -> None:
    slow = Slow()
    async with open_desk(table=(row("it", slow),)) as desk:
        act = desk.server.start_slash("/try it")
        await until(lambda: act.is_acked)
        desk.server.sockets.cut()
        await until(lambda: desk.server.sockets.opened == 2)
        slow.may_end.set()

        assert "Hello" in (await desk.server.see(act)).text


def refused_with(error: str, status: int = 200, /, **headers: str) -> SlackApiError:
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data={"ok": False, "error": error},
        headers=headers,
        status_code=status,
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refused_with("internal_error"), "apps.connections.open was answered internal_error"),
        (TimeoutError("not connected within 30 s"), "not connected within 30 s"),
        (aiohttp.ClientConnectionError("refused"), "Slack cannot be reached: refused"),
        (KeyError("url"), "no connection: KeyError"),
    ],
)
def test_each_failure_is_one_line(error: Exception, said: str) -> None:
    assert tell(error) == said


def test_each_end_is_one_line() -> None:
    assert tell_end("") == "the connection ended"
    assert tell_end("warning") == "Slack renews the connection (warning)"
    assert tell_end("too_many_websockets") == "Slack ended the connection (too_many_websockets)"


@pytest.mark.parametrize(
    ("error", "is_so"),
    [
        (refused_with("internal_error"), True),
        (refused_with("", 503), True),
        (aiohttp.ClientConnectionError(), True),
        (TimeoutError(), True),
        (refused_with("ratelimited", 429), False),
        (refused_with("access_denied"), False),
        (KeyError("url"), False),
    ],
)
def test_slack_that_refuses_is_there(error: Exception, is_so: bool) -> None:
    assert is_away(error) is is_so


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (refused_with("ratelimited", **{"Retry-After": "30"}), 30.0),
        (refused_with("ratelimited", **{"retry-after": "99999"}), 600.0),
        (refused_with("ratelimited", **{"Retry-After": "soon"}), 0.0),
        (OSError(), 0.0),
    ],
)
def test_what_slack_asks_to_wait_is_waited_within_reason(error: Exception, seconds: float) -> None:
    assert find_delay(error) == seconds
