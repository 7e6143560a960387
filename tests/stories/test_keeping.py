"""What is kept of stories is given again while they stand, and no longer."""

from __future__ import annotations

from bot.model import Story
from bot.stories.keeping import KEPT, kept_by_story
from tests.builders import coverage, story


class Maker:
    """Counts the outlets of a story, and how often it was asked to."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, made_of: Story) -> tuple[int]:
        """A new object each time."""
        self.asked += 1
        return (len(made_of.coverage),)


def test_a_story_that_is_read_again_gives_what_it_gave() -> None:
    count = kept_by_story(Maker())

    assert count(story()) is count(story())


def test_a_story_that_changed_is_looked_at_anew() -> None:
    count = kept_by_story(Maker())
    grown = story(coverage=(coverage(), coverage("Other Wire")))

    assert [count(story()), count(grown), count(story())] == [(1,), (2,), (1,)]


def test_of_a_story_only_the_last_state_is_kept() -> None:
    count = kept_by_story(maker := Maker())
    others = [story(f"other {number}") for number in range(KEPT - 1)]
    for other in others:
        count(other)
    for version in range(KEPT * 2):
        count(story(version=version))
    maker.asked = 0

    for other in others:
        count(other)
    count(story(version=0))

    assert maker.asked == 1  # for the state that was overtaken


def test_the_story_that_was_longest_not_asked_for_goes_first() -> None:
    count = kept_by_story(maker := Maker())
    stories = [story(f"story {number}") for number in range(KEPT)]
    for one in (*stories, stories[0], story("one more")):
        count(one)
    maker.asked = 0

    for one in (stories[0], *stories[2:], story("one more")):
        count(one)

    assert maker.asked == 0
    count(stories[1])
    assert maker.asked == 1
