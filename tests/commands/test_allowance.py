"""How many plain questions a person gets answered."""

from __future__ import annotations

from bot.commands.allowance import PEOPLE, QUESTIONS, WINDOW_S, Allowance, refuse_haste


def test_an_allowance_comes_back_with_time_and_forgets_people() -> None:
    allowance = Allowance()

    given = [allowance.take("ada", 0.0) for _ in range(QUESTIONS + 1)]
    for number in range(PEOPLE + 1):
        allowance.take(f"user {number}", WINDOW_S / 2)

    assert given == [True] * QUESTIONS + [False]
    assert allowance.take("ada", WINDOW_S)
    assert allowance.take("somebody", 10 * WINDOW_S)
    assert len(allowance.asked) < 10


def test_haste_is_told_once_in_a_window_with_the_seconds_to_wait() -> None:
    allowance = Allowance()
    for second in range(QUESTIONS):
        allowance.take("ada", float(second))

    told = [allowance.tell("ada", at) for at in (10.0, 11.0, 10.0 + WINDOW_S - 1)]
    again = allowance.tell("ada", 10.0 + WINDOW_S)

    assert told == [WINDOW_S - 10.0, 0.0, 0.0]
    assert again


def test_who_has_to_wait_is_told_whole_seconds() -> None:
    assert "Ask again in 13 s" in refuse_haste(12.1).title
