"""Events in words."""

from __future__ import annotations

import pytest

from bot.model import Event


@pytest.mark.parametrize(
    ("event", "label"),
    [
        (Event.DEAL_OFF, "deal off"),
        (Event.BAN, "ban or sanction"),
        (Event.EARNINGS, "earnings or market share"),
        (Event.OTHER, "other news"),
    ],
)
def test_events_have_words_for_people(event: Event, label: str) -> None:
    assert event.label == label


def test_no_two_events_read_alike() -> None:
    assert len({event.label for event in Event}) == len(Event)
