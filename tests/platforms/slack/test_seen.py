from __future__ import annotations

import pytest

from bot.platforms.slack import seen
from bot.platforms.slack.seen import KEPT_S, Seen


def test_an_event_is_new_once() -> None:
    heard = Seen()

    assert heard.note("Ev1", 0.0)
    assert not heard.note("Ev1", 1.0)
    assert heard.note("Ev2", 1.0)


def test_it_is_forgotten_when_slack_repeats_it_no_more() -> None:
    heard = Seen()
    heard.note("Ev1", 0.0)

    assert not heard.note("Ev1", KEPT_S - 0.1)
    assert heard.note("Ev1", KEPT_S)


def test_what_has_no_id_is_always_new() -> None:
    heard = Seen()

    assert heard.note("", 0.0)
    assert heard.note("", 0.0)


def test_no_more_are_remembered_than_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MOST", 3)
    heard = Seen()
    for number in range(4):
        assert heard.note(f"Ev{number}", 0.0)

    assert heard.note("Ev0", 0.0)
    assert not heard.note("Ev3", 0.0)
