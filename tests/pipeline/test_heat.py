from __future__ import annotations

from datetime import timedelta

from bot.pipeline.due import PollRules
from bot.pipeline.heat import BRINGS_NEWS, HOT_FOR, Heat
from bot.ports import Haste
from tests.builders import NOW

RULES = PollRules(min_interval_s=300)
MINUTE = timedelta(minutes=1)


def test_news_is_hot_for_two_hours_for_feeds_that_bring_some() -> None:
    heat = Heat(RULES)
    assert not heat.is_felt_by(NOW, NOW)

    heat.note_news(NOW)

    assert heat.is_felt_by(NOW - BRINGS_NEWS, NOW)
    assert heat.is_felt_by(NOW, NOW + HOT_FOR - MINUTE)
    assert not heat.is_felt_by(NOW, NOW + HOT_FOR)
    assert not heat.is_felt_by(NOW - BRINGS_NEWS - MINUTE, NOW)
    assert not heat.is_felt_by(None, NOW)


def test_news_hastens_the_feeds_that_were_not_asked_just_now() -> None:
    haste = Heat(RULES).find_haste_or_none(NOW, has_news=True)

    assert haste == Haste(
        flagged_since=NOW - BRINGS_NEWS,
        due_at=NOW,
        spread=timedelta(seconds=30),
        polled_before=NOW - timedelta(seconds=300),
    )


def test_those_that_were_asked_just_before_are_hastened_as_soon_as_they_may_be() -> None:
    heat = Heat(RULES)
    heat.note_news(NOW)
    heat.note_haste(NOW, has_news=True)

    assert heat.find_haste_or_none(NOW + 4 * MINUTE, has_news=True) is None
    assert heat.find_haste_or_none(NOW + 4 * MINUTE, has_news=False) is None
    assert heat.find_haste_or_none(NOW + 5 * MINUTE, has_news=False) is not None

    heat.note_haste(NOW + 5 * MINUTE, has_news=False)
    assert heat.find_haste_or_none(NOW + 20 * MINUTE, has_news=False) is None
    assert heat.find_haste_or_none(NOW + 20 * MINUTE, has_news=True) is not None


def test_without_news_nobody_is_hastened() -> None:
    assert Heat(RULES).find_haste_or_none(NOW, has_news=False) is None


def test_where_intervals_are_fixed_nobody_is_hastened() -> None:
    heat = Heat(PollRules(adaptive=False))
    heat.note_news(NOW)

    assert heat.find_haste_or_none(NOW, has_news=True) is None
