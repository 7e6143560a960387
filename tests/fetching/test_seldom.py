"""Of each subject something is said now and then."""

from __future__ import annotations

from bot.fetching.seldom import EVERY_S, MOST, Seldom


def test_of_each_subject_it_is_said_once_an_hour() -> None:
    seldom = Seldom()

    assert seldom.is_due("a", now_s=0.0)
    assert seldom.is_due("b", now_s=1.0)
    assert not seldom.is_due("a", now_s=EVERY_S - 1.0)
    assert seldom.is_due("a", now_s=EVERY_S)
    assert not seldom.is_due("a", now_s=EVERY_S + 1.0)


def test_of_too_many_subjects_those_said_first_are_forgotten() -> None:
    seldom = Seldom()
    for number in range(MOST + 1):
        assert seldom.is_due(str(number), now_s=float(number))

    assert not seldom.is_due("1", now_s=float(MOST))
    assert seldom.is_due("0", now_s=float(MOST))
