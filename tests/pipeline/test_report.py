"""What a poll tells of the stories that its entries went into."""

from __future__ import annotations

from typing import Any

from bot.model import Story, Tie, TieKind
from bot.pipeline.report import Filed
from bot.ports import PollOutcome
from tests.builders import NOW, feed, story
from tests.contract.polls import new_entry

TURN = Tie(TieKind.DENIED, "s0", "Before", None)


def outcome(*stories: Story, untouched: str = "") -> PollOutcome:
    """A poll that brought an entry to each of ``stories`` but the ``untouched`` one."""
    brought = [one.id for one in stories if one.id != untouched]
    return PollOutcome(
        feed(), NOW, new=tuple(new_entry(name, story_id=name) for name in brought), stories=stories
    )


def there(story_id: str, **changes: Any) -> Story:
    """A story that was stored before."""
    return story(story_id, version=3, **changes)


def test_stories_are_told_by_what_became_of_them() -> None:
    filed = Filed.of(
        outcome(story("s1"), story("s2", tie=TURN), there("s3"), there("s4", tie=TURN))
    )

    assert filed == Filed(opened=("s1",), turned=("s2",), joined=("s3", "s4"))
    assert str(filed) == "; opened s1, turned with s2, joined s3 s4"


def test_history_is_a_number_and_no_list() -> None:
    filed = Filed.of(outcome(*(story(f"s{place}", is_history=True) for place in range(40))))

    assert filed == Filed(history=40)
    assert str(filed) == "; 40 stories of history"
    assert str(Filed(history=1)) == "; 1 story of history"


def test_a_story_that_an_edit_alone_changed_was_joined_by_nothing() -> None:
    assert Filed.of(outcome(there("s1"), untouched="s1")) == Filed()


def test_nothing_is_said_of_nothing() -> None:
    assert str(Filed.of(outcome())) == ""
