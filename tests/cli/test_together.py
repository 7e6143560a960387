"""What the doctor says of the connections to Discord, by the settings and what Discord says."""

from __future__ import annotations

import pytest

from bot.cli.findings import Verdict
from bot.cli.together import look_at_shards
from bot.settings import DiscordSettings


def test_shards_that_nobody_chose_are_no_finding() -> None:
    assert look_at_shards(DiscordSettings(), 9_000) == []


@pytest.mark.parametrize(("servers", "is_enough"), [(None, True), (5_000, True), (5_001, False)])
def test_too_few_shards_are_wrong(servers: int | None, *, is_enough: bool) -> None:
    found = look_at_shards(DiscordSettings(shard_count=2), servers)

    assert [one.verdict is Verdict.WRONG for one in found] == [False, True][: 2 - is_enough]
    assert is_enough or "have at least 3" in found[-1].text


def test_the_shards_of_this_process_are_named() -> None:
    (found,) = look_at_shards(DiscordSettings(shard_count=8, shards="0-3"), 10)

    assert found.text == "0-3 of 8 with these settings"
