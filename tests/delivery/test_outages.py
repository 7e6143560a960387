"""Platforms that are away for a minute or for days: nothing is lost, and nobody is silenced."""

from __future__ import annotations

from datetime import timedelta

from bot.delivery.outcomes import Drained
from bot.delivery.retry import RetryRules
from bot.errors import SendRefusedForNow, SendUnclear
from tests.builders import NOW
from tests.delivery.lab import Outbox

AWAY = SendRefusedForNow("cannot be reached", is_general=True)


async def test_what_a_platform_that_is_away_refuses_is_never_given_up(both: Outbox) -> None:
    await both.owe("s1")
    both.sender.told["C1"] += [AWAY] * 60

    for _ in range(60):
        assert await both.drain().drain() == Drained(put_off=1)
        both.now += timedelta(minutes=15)

    assert await both.drain().drain() == Drained(sent=1)


async def test_an_outage_leaves_an_attempt_for_the_message_itself(both: Outbox) -> None:
    await both.owe("s1")
    rules = RetryRules(max_attempts=20)
    both.sender.told["C1"] += [*[AWAY] * 60, *[SendUnclear("no answer")] * 9]

    for _ in range(69):
        assert await both.drain(rules=rules).drain() == Drained(put_off=1)
        both.now += timedelta(minutes=15)

    both.sender.told["C1"].append(SendUnclear("no answer"))
    assert await both.drain(rules=rules).drain() == Drained(failed=1)


async def test_an_outage_of_a_minute_mixes_nothing_up_and_a_long_one_silences_nobody(
    both: Outbox,
) -> None:
    await both.owe("s1", "s2")
    rules = RetryRules()
    both.sender.told["C1"] += [AWAY] * 6
    tried_after: list[float] = []

    while "s2" not in both.sender.stories:
        before = len(both.sender.given)
        await both.drain(rules=rules).drain()
        tried_after += [(both.now - NOW).total_seconds()] * (len(both.sender.given) - before)
        both.now += timedelta(seconds=1)

    assert both.sender.stories == ["s1"] * 6 + ["s2"]
    assert tried_after[:6] == [0, 2, 6, 14, 30, 62]
    assert tried_after[6] < 120
    assert (await both.state("s1"))[0] == "owed"
