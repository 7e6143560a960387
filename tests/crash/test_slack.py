"""The short form of ``python -m tests.crash.slack``."""

from __future__ import annotations

from tests.crash.slack import kill_often


async def test_sigkill_at_any_moment_posts_each_story_once_and_in_order() -> None:
    outcome = await kill_often(kills=10, stories=40, channels=8, seed=2018)

    assert outcome.is_good, outcome.tell()
    assert outcome.kills == 10
    assert outcome.posts == 40 * 6 + 35
    assert outcome.replies == 5 * 7
    assert outcome.digests
    assert outcome.requests["conversations.history"]
    assert sum(outcome.faults.values()) >= 5
    assert outcome.faults["late"]


async def test_without_a_look_stories_come_twice() -> None:
    outcome = await kill_often(kills=4, stories=30, channels=6, seed=2018, is_blind=True)

    assert outcome.twice
