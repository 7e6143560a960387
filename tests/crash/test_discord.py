"""The short form of ``python -m tests.crash.discord``."""

from __future__ import annotations

from tests.crash.discord import kill_often


async def test_sigkill_at_any_moment_posts_each_story_once_and_in_order() -> None:
    outcome = await kill_often(kills=10, stories=40, channels=8, seed=2018)

    assert outcome.is_good, outcome.tell()
    assert outcome.kills == 10
    assert outcome.posts == 40 * 7
    assert outcome.digests
    assert outcome.requests["list_messages"]
    assert sum(outcome.faults.values()) >= 5
