from __future__ import annotations

from datetime import timedelta

import pytest

from bot.pipeline.pushes import LONGEST_GAP, MAX_UNREADABLE, Pushes
from tests.builders import NOW


def test_whoever_pushed_nothing_yet_need_not_wait() -> None:
    assert Pushes().wait_s("token", now=NOW) == 0.0


@pytest.mark.parametrize(
    ("took_s", "gap_s"), [(0.0, 1.0), (0.25, 1.0), (3.0, 12.0), (9_999.0, 600.0)]
)
def test_the_next_document_waits_longer_the_longer_the_last_one_took(
    took_s: float, gap_s: float
) -> None:
    pushes = Pushes()
    ended = NOW + timedelta(seconds=took_s)
    pushes.note("token", began=NOW, ended=ended, is_readable=True)

    assert pushes.wait_s("token", now=ended) == gap_s
    assert pushes.wait_s("token", now=ended + timedelta(seconds=gap_s)) == 0.0
    assert pushes.wait_s("other", now=ended) == 0.0


def note(pushes: Pushes, *are_readable: bool) -> list[bool]:
    """One document after the other; which were one too many."""
    return [
        pushes.note("token", began=NOW, ended=NOW, is_readable=is_readable)
        for is_readable in are_readable
    ]


def test_only_failures_in_a_row_are_too_many_and_then_the_count_begins_anew() -> None:
    bad, good = [False] * (MAX_UNREADABLE - 1), [True]

    assert not any(note(Pushes(), *bad, *good, *bad))
    assert note(Pushes(), *bad, False, *bad, False) == [*bad, True, *bad, True]


def test_who_is_not_held_anything_against_is_forgotten() -> None:
    pushes = Pushes()
    pushes.note("good", began=NOW, ended=NOW, is_readable=True)
    pushes.note("bad", began=NOW, ended=NOW, is_readable=False)

    sizes = []
    for later in (timedelta(), timedelta(seconds=1), LONGEST_GAP, timedelta(days=1, seconds=1)):
        pushes.forget_old(NOW + later)
        sizes.append(len(pushes))
    assert sizes == [2, 1, 1, 0]
