"""What befalls one platform, and that the others do not notice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from bot.app import sides
from bot.app.sides import Side, talk, tell_of_parked, wait_until_settled
from bot.commands.answer import Answer
from bot.errors import SettingsInvalid
from bot.model import Delivery, Destination, Digest, Message, Platform, Scope, Subscription


@dataclass
class Sending:
    """Sends nothing; a side is known by its platform."""

    platform: Platform
    is_up: bool = True

    async def send(
        self, delivery: Delivery, message: Message | Digest, *, reply_to: str = ""
    ) -> str:
        raise AssertionError


@dataclass
class Acting:
    """A side that does as it is told."""

    name: str
    sender: Sending
    act: Callable[[], Awaitable[None]]
    runs: int = 0
    told: list[Subscription] = field(default_factory=list)

    @property
    def is_heard(self) -> bool:
        return True

    @property
    def notice(self) -> Callable[[Subscription], Awaitable[None]]:
        return self.note

    async def note(self, subscription: Subscription) -> None:
        self.told.append(subscription)

    async def tell(self, workspace: str, person: str, said: Answer) -> None:
        raise AssertionError

    async def run(self) -> None:
        self.runs += 1
        await self.act()

    def call_when_done(self, wake: Callable[[], None]) -> None:
        del wake

    async def wait_until_settled(self) -> None:
        await self.act()

    async def introduce(self, doing: str = "posting to") -> str:
        return self.name


async def go_on() -> None:
    await asyncio.Event().wait()


async def break_down() -> None:
    raise RuntimeError("a defect that a test made")


async def refuse() -> None:
    raise SettingsInvalid("slack.listen: 127.0.0.1:3000 is taken")


async def end() -> None:
    """It returns, which a side should not."""


def slack(act: Callable[[], Awaitable[None]]) -> Acting:
    return Acting("Slack", Sending(Platform.SLACK), act)


def discord(act: Callable[[], Awaitable[None]]) -> Acting:
    return Acting("Discord", Sending(Platform.DISCORD), act)


async def talk_for(seconds: float, *running: Side) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    async with asyncio.timeout(5):
        await talk(running, stop)


@pytest.mark.parametrize("fault", [break_down, refuse, end])
async def test_a_side_that_breaks_is_begun_anew_and_the_other_goes_on(
    fault: Callable[[], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sides, "AGAIN_S", 0.05)
    good, bad = discord(go_on), slack(fault)
    await talk_for(0.3, good, bad)

    assert good.runs == 1
    assert bad.runs >= 3
    assert {one.levelno for one in caplog.records} == {logging.ERROR}
    assert "Slack: " in caplog.text


async def test_what_the_operator_can_mend_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    await talk_for(0.05, slack(refuse))

    (record,) = caplog.records
    assert "slack.listen: 127.0.0.1:3000 is taken; commands are not answered" in record.getMessage()
    assert record.exc_info is None


async def test_a_defect_has_its_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    await talk_for(0.05, slack(break_down))

    (record,) = caplog.records
    assert record.exc_info is not None


async def test_a_stop_ends_all_of_them() -> None:
    ended: list[str] = []

    async def note_end() -> None:
        try:
            await go_on()
        finally:
            ended.append("ended")

    await talk_for(0.05, discord(note_end), slack(note_end))

    assert len(ended) == 2


async def test_a_side_that_breaks_while_it_ends_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def end_badly() -> None:
        try:
            await go_on()
        finally:
            raise RuntimeError("a defect that a test made")

    good = discord(go_on)
    await talk_for(0.05, slack(end_badly), good)

    assert "a defect that a test made" in caplog.text


async def test_without_a_side_there_is_nothing_to_wait_for() -> None:
    async with asyncio.timeout(5):
        await talk((), asyncio.Event())


async def test_a_parked_channel_is_told_of_on_its_own_platform() -> None:
    both = (discord(go_on), slack(go_on))
    made = Subscription(Destination(Platform.SLACK, "T1", "C1"), Scope.ANY)
    await tell_of_parked(both, made)

    assert both[0].told == []
    assert both[1].told == [made]


@pytest.mark.parametrize("act", [go_on, break_down])
async def test_a_single_round_waits_for_no_side_for_ever(
    act: Callable[[], Awaitable[None]],
) -> None:
    async with asyncio.timeout(5):
        await wait_until_settled((discord(act), slack(end)), at_most_s=0.1)
