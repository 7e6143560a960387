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
    haste = Heat(RULES).take_haste_or_none(NOW, has_news=True)

    assert haste == Haste(
        flagged_since=NOW - BRINGS_NEWS,
        due_at=NOW,
        spread=timedelta(seconds=30),
        polled_before=NOW - timedelta(seconds=300),
    )


def test_those_that_were_asked_just_before_are_hastened_as_soon_as_they_may_be() -> None:
    heat = Heat(RULES)
    heat.note_news(NOW)
    assert heat.take_haste_or_none(NOW, has_news=True) is not None

    assert heat.take_haste_or_none(NOW + 4 * MINUTE, has_news=True) is None
    assert heat.take_haste_or_none(NOW + 4 * MINUTE, has_news=False) is None
    assert heat.take_haste_or_none(NOW + 5 * MINUTE, has_news=False) is not None

    assert heat.take_haste_or_none(NOW + 20 * MINUTE, has_news=False) is None
    assert heat.take_haste_or_none(NOW + 20 * MINUTE, has_news=True) is not None


def test_without_news_nobody_is_hastened() -> None:
    assert Heat(RULES).take_haste_or_none(NOW, has_news=False) is None


def test_where_intervals_are_fixed_nobody_is_hastened() -> None:
    heat = Heat(PollRules(adaptive=False))
    heat.note_news(NOW)

    assert heat.take_haste_or_none(NOW, has_news=True) is None


def test_of_polls_at_once_one_carries_the_haste() -> None:
    heat = Heat(RULES)
    heat.note_news(NOW)
    assert heat.take_haste_or_none(NOW, has_news=True) is not None
    later = NOW + 5 * MINUTE

    taken = [heat.take_haste_or_none(later, has_news=False) for _ in range(3)]

    assert [haste is not None for haste in taken] == [True, False, False]


def test_news_while_a_haste_is_under_way_has_one_of_its_own_later() -> None:
    heat = Heat(RULES)
    heat.note_news(NOW)
    heat.take_haste_or_none(NOW, has_news=True)
    later = NOW + 5 * MINUTE
    assert heat.take_haste_or_none(later, has_news=False) is not None

    heat.note_news(later)
    assert heat.take_haste_or_none(later, has_news=True) is None

    assert heat.take_haste_or_none(later + 5 * MINUTE, has_news=False) is not None


def test_a_haste_that_was_not_committed_is_carried_by_the_next_poll() -> None:
    heat = Heat(RULES)
    heat.note_news(NOW)
    lost = heat.take_haste_or_none(NOW, has_news=True)
    assert lost is not None

    heat.give_back(lost)

    assert heat.take_haste_or_none(NOW, has_news=False) == lost


def test_what_lies_ahead_after_the_clock_was_set_back_is_ignored() -> None:
    heat = Heat(RULES)
    ahead = NOW + timedelta(days=3_650)
    heat.note_news(ahead)
    heat.take_haste_or_none(ahead, has_news=True)

    assert not heat.is_hot(NOW)
    assert heat.take_haste_or_none(NOW, has_news=True) is not None
