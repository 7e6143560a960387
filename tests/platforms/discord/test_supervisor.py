"""The gateway's client fails in every way we know of, and another one follows."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from discord.gateway import KeepAliveHandler

from bot.platforms.discord import client, rest, traffic
from bot.platforms.discord.supervisor import tell_close
from tests.platforms.discord.desk import HASTE, Desk, open_desk, until
from tests.platforms.discord.rows import row, say_hello
from tests.servers.discord import DiscordServer, Fault

TABLE = (row("hello", say_hello),)


async def check_it_answers(desk: Desk) -> None:
    assert await desk.answer("/try hello") == "Hello"


async def test_a_first_connect_that_is_refused_is_repeated() -> None:
    def refuse(server: DiscordServer) -> None:
        server.gateway.is_refusing = True

    async with open_desk(table=TABLE, prepare=refuse, is_waited_for=False) as desk:
        await until(lambda: desk.server.gateway.counts["refused"] >= 3)
        desk.server.gateway.is_refusing = False
        await desk.wait_until_up()

        await check_it_answers(desk)


async def test_a_gateway_that_hangs_up_before_its_first_word_is_asked_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """discord.py breaks on that with an AttributeError."""

    def hang_up(server: DiscordServer) -> None:
        server.gateway.closes_before_hello = 3

    async with open_desk(table=TABLE, prepare=hang_up) as desk:
        await check_it_answers(desk)

        assert len(desk.clients) == 4
        assert caplog.text.count("closed the connection before its first word") == 3
        assert "Traceback" not in caplog.text


async def test_a_lost_connection_is_resumed_in_place() -> None:
    async with open_desk(table=TABLE) as desk:
        desk.server.gateway.drop()
        await until(lambda: desk.server.gateway.counts["resumed"])

        await check_it_answers(desk)
        assert len(desk.clients) == 1
        assert desk.server.gateway.counts["identify"] == 1


async def test_a_dead_address_for_resuming_is_left_for_a_new_session() -> None:
    """discord.py alone would ask that address for ever."""
    async with open_desk(table=TABLE) as desk:
        desk.server.gateway.is_resume_dead = True
        desk.server.gateway.drop()
        await until(lambda: desk.server.gateway.counts["identify"] == 2)
        await until(lambda: desk.supervisor.is_up)

        await check_it_answers(desk)


async def test_a_connection_gone_silent_is_replaced() -> None:
    def beat_fast(server: DiscordServer) -> None:
        server.gateway.heartbeat_interval_ms = 200

    async with open_desk(table=TABLE, prepare=beat_fast, heartbeat_timeout_s=0.5) as desk:
        desk.server.gateway.silence()
        await until(lambda: desk.server.gateway.counts["resumed"])

        await check_it_answers(desk)


async def test_a_session_that_discord_ended_is_followed_by_a_new_one() -> None:
    async with open_desk(table=TABLE) as desk:
        desk.server.gateway.invalidate()
        await until(lambda: desk.server.gateway.counts["identify"] == 2)
        await until(lambda: desk.supervisor.is_up)

        await check_it_answers(desk)
        assert len(desk.clients) == 2


async def test_a_client_that_is_never_ready_is_replaced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hasty = replace(HASTE, down_s=0.3)
    async with open_desk(table=TABLE, patience=hasty, is_waited_for=False) as desk:
        identify = desk.server.gateway._identify
        desk.server.gateway._identify = lambda *_: 0  # type: ignore[method-assign]
        await until(lambda: len(desk.clients) >= 2)
        desk.server.gateway._identify = identify  # type: ignore[method-assign]
        await desk.wait_until_up()

        await check_it_answers(desk)
        assert "not connected for" in caplog.text


async def test_no_heartbeat_outlives_its_client() -> None:
    """discord.py forgets the thread of a connection that fails while it is made."""

    def threads() -> int:
        return sum(isinstance(one, KeepAliveHandler) for one in threading.enumerate())

    before = threads()
    async with open_desk(table=TABLE) as desk:
        for number in (2, 3):
            desk.server.gateway.invalidate()
            await until(lambda: desk.server.gateway.counts["identify"] == number)  # noqa: B023
            await until(lambda: desk.supervisor.is_up)
        await until(lambda: threads() <= before + 1)

    await until(lambda: threads() <= before)


async def test_discords_wish_to_reconnect_is_obeyed() -> None:
    async with open_desk(table=TABLE) as desk:
        desk.server.gateway.ask_reconnect()
        await until(lambda: desk.server.gateway.counts["resumed"])

        await check_it_answers(desk)
        assert len(desk.clients) == 1


@pytest.mark.parametrize("code", [4004, 4013, 4014])
async def test_what_only_a_person_can_mend_is_one_line_and_no_storm(
    code: int, caplog: pytest.LogCaptureFixture
) -> None:
    hasty = replace(HASTE, hopeless_s=60.0)
    async with open_desk(table=TABLE, patience=hasty) as desk:
        desk.server.gateway.drop(code)
        await until(lambda: tell_close(code) in caplog.text)
        before = desk.server.gateway.counts["connect"]
        await asyncio.sleep(0.3)

        assert desk.server.gateway.counts["connect"] == before
        errors = [one for one in caplog.records if one.levelno >= logging.ERROR]
        assert len(errors) == 1


async def test_a_token_that_is_not_taken_ends_it_and_nothing_more_is_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_desk(table=TABLE) as desk:
        desk.server.token = "another.token.than-that"
        desk.server.gateway.sessions.clear()
        desk.server.gateway.drop()
        await until(lambda: "the token is not taken" in caplog.text)
        asked = len(desk.server.asked)
        await asyncio.sleep(0.5)

        assert len(desk.server.asked) <= asked + 1
        assert not desk.supervisor.is_up


async def test_a_token_that_is_taken_again_has_commands_answered_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "PROBE_S", 0.05)
    async with open_desk(table=TABLE) as desk:
        token, desk.server.token = desk.server.token, "another.token.than-that"
        desk.server.gateway.sessions.clear()
        desk.server.gateway.drop()
        await until(lambda: not desk.rest.is_up and desk.supervisor.client is None)
        desk.server.token = token
        await until(lambda: desk.supervisor.is_up)

        await check_it_answers(desk)
        assert [one.levelno >= logging.ERROR for one in caplog.records].count(True) == 1


async def test_a_401_of_a_machine_in_between_is_soon_behind() -> None:
    def refuse_once(server: DiscordServer) -> None:
        server.faults.add(Fault(401, operation="get_bot_gateway"))

    slow = replace(HASTE, hopeless_s=60.0)
    async with open_desk(table=TABLE, prepare=refuse_once, patience=slow) as desk:
        desk.server.faults.add(Fault(401, operation="get_my_user"))
        desk.server.gateway.invalidate()
        await until(lambda: len(desk.server.faults.struck) == 2)
        await until(lambda: desk.supervisor.is_up)

        await check_it_answers(desk)


async def test_a_question_about_sessions_that_hangs_is_given_up(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "ANSWER_S", 0.3)

    def hang(server: DiscordServer) -> None:
        server.faults.add(Fault(0, operation="get_bot_gateway", hold_s=30.0))

    async with open_desk(table=TABLE, prepare=hang) as desk:
        await check_it_answers(desk)
        assert "did not answer in time" in caplog.text


async def test_the_last_sessions_of_the_day_are_left(caplog: pytest.LogCaptureFixture) -> None:
    async with open_desk(table=TABLE, is_waited_for=False, prepare=_leave_sessions(20)) as desk:
        await until(lambda: "only 20 sessions are left today" in caplog.text)
        await asyncio.sleep(0.1)

        assert desk.server.gateway.counts["connect"] == 0


async def test_one_more_session_than_those_is_begun() -> None:
    async with open_desk(table=TABLE, prepare=_leave_sessions(21)) as desk:
        await check_it_answers(desk)


def _leave_sessions(remaining: int) -> Any:
    def prepare(server: DiscordServer) -> None:
        server.sessions_left = remaining

    return prepare


async def test_an_outage_is_asked_about_less_and_less() -> None:
    def refuse(server: DiscordServer) -> None:
        server.gateway.is_refusing = True

    slow = replace(HASTE, first_s=0.1, longest_s=60.0)
    async with open_desk(table=TABLE, patience=slow, prepare=refuse, is_waited_for=False) as desk:
        await asyncio.sleep(1.5)

        assert 2 <= desk.server.gateway.counts["refused"] <= 6


async def test_a_network_that_is_back_is_soon_found_as_asking_cost_no_session() -> None:
    def refuse(server: DiscordServer) -> None:
        server.gateway.is_refusing = True

    slow = replace(HASTE, longest_s=60.0, away_s=0.1)
    async with open_desk(table=TABLE, patience=slow, prepare=refuse, is_waited_for=False) as desk:
        await until(lambda: desk.server.gateway.counts["refused"] >= 14, timeout_s=20)

        assert desk.server.gateway.counts["identify"] == 0


async def test_sessions_that_fail_are_begun_less_and_less(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each costs one of the day's, however the network looks."""
    slow = replace(HASTE, longest_s=60.0, away_s=0.05)
    async with open_desk(table=TABLE, patience=slow) as desk:
        for number in range(2, 6):
            desk.server.gateway.is_resume_dead = True
            desk.server.gateway.drop()
            await until(lambda: desk.server.gateway.counts["identify"] == number)  # noqa: B023
            await until(lambda: desk.supervisor.is_up)

        waits = [float(one) for one in re.findall(r"next attempt in ([\d.]+) s", caplog.text)]
        assert waits[-1] >= 0.2


async def test_posting_goes_on_while_the_gateway_is_away() -> None:
    def refuse(server: DiscordServer) -> None:
        server.gateway.is_refusing = True

    async with open_desk(table=TABLE, prepare=refuse, is_waited_for=False) as desk:
        assert await desk.rest.wait_until_settled()
        channel = await desk.rest.client.fetch_channel(desk.server.channel.id)

        assert channel.id == desk.server.channel.id


async def test_a_stop_lets_the_answer_under_way_arrive() -> None:
    may_end = asyncio.Event()

    async def slow(_: Any) -> Any:
        await may_end.wait()
        return await say_hello(_)

    async with DiscordServer() as server:
        async with open_desk(table=(row("it", slow),), server=server, defer_after_s=0.02) as desk:
            asked = server.slash("/try it", **desk.person)
            await until(lambda: asked.callback)
            asyncio.get_running_loop().call_later(0.1, may_end.set)

        assert (await asked.answer()).text == "Hello"


class Slow:
    """A command that works until it is let go."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def __call__(self, call: Any) -> Any:
        await self.may_end.wait()
        return await say_hello(call)


async def test_an_answer_under_way_arrives_though_the_connection_fails() -> None:
    """discord.py closes a client whose connection fails, and its way to the API with it."""
    slow = Slow()
    async with open_desk(table=(row("it", slow),), defer_after_s=0.02) as desk:
        asked = desk.server.slash("/try it", **desk.person)
        await until(lambda: asked.callback)
        desk.server.gateway.is_resume_dead = True
        desk.server.gateway.drop()
        await until(lambda: desk.server.gateway.counts["refused"])
        await asyncio.sleep(0.1)
        slow.may_end.set()

        assert (await asked.answer()).text == "Hello"


async def test_a_command_that_takes_long_keeps_no_replaced_client_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "FINISH_S", 0.05)
    slow = Slow()
    hasty = replace(HASTE, down_s=0.1)
    async with open_desk(table=(row("it", slow),), patience=hasty, defer_after_s=0.02) as desk:
        first = desk.supervisor.client
        assert first is not None
        asked = desk.server.slash("/try it", **desk.person)
        await until(lambda: asked.callback)
        desk.server.gateway._resume = lambda *_: 0  # type: ignore[method-assign]
        desk.server.gateway.drop()
        await until(lambda: len(desk.clients) == 2 and desk.supervisor.is_up)

        assert first.is_closed()
        slow.may_end.set()
