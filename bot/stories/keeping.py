"""What was made of a story, kept until the story changes.

By the id of the story and not by the whole of it: a story that a hundred outlets report is
read from the database in a hundred versions, each with all its reports, and of these only the
last is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TypeVar

from bot.model import Story

KEPT = 256
"""Stories of which terms and sketches are kept: on a busy day the same ones are candidates for
report after report, and reading them again from the database does not change them."""

_T = TypeVar("_T")


def kept_by_story(make: Callable[[Story], _T]) -> Callable[[Story], _T]:
    """``make`` for stories, of which it keeps the ``KEPT`` used last, each as it was last.

    The thread that writes to the database asks, too.
    """
    kept: dict[str, tuple[Story, _T]] = {}  # the one used last at the end
    lock = Lock()

    @wraps(make)
    def look_up(story: Story) -> _T:
        with lock:
            known = kept.pop(story.id, None)
        if known is None or known[0] != story:
            known = (story, make(story))
        with lock:
            kept[story.id] = known
            if len(kept) > KEPT:
                del kept[next(iter(kept))]
        return known[1]

    return look_up
