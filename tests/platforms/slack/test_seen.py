from __future__ import annotations

from datetime import datetime

import pytest

from bot.platforms.slack import seen
from bot.platforms.slack.seen import KEPT_S, Hearing, Seen


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


class KeptEvents:
    """The SeenEvents port in memory; for hearings that are each as good as a process."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.is_away = False

    async def note_event(self, event_id: str, *, now: datetime) -> bool:
        assert now.tzinfo is not None
        if self.is_away:
            raise OSError("the database is away")
        is_new = event_id not in self.ids
        self.ids.add(event_id)
        return is_new


async def test_what_one_process_heard_is_not_new_to_another() -> None:
    events = KeptEvents()
    one, other = Hearing(events), Hearing(events)

    assert await one.is_new("Ev1")
    assert not await other.is_new("Ev1")
    assert await other.is_new("Ev2")


async def test_without_a_database_each_process_remembers_for_itself() -> None:
    events = KeptEvents()
    events.is_away = True
    hearing = Hearing(events)

    assert await hearing.is_new("Ev1")
    assert not await hearing.is_new("Ev1")


async def test_events_without_an_id_are_all_new() -> None:
    events = KeptEvents()
    hearing = Hearing(events)

    assert await hearing.is_new("")
    assert await hearing.is_new("")
    assert not events.ids
