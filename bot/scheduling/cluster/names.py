"""What queues, tasks and locks are called.

They stand in the database: who changes one has two versions at work side by side while an
installation is upgraded.
"""

from __future__ import annotations

from bot.model import Destination, Platform

POLL_QUEUE = "poll"
POLL_TASK = "poll_bucket"
POST_TASK = "post_to"
POST_LOCK = "post:"


def poll_lock(bucket: int) -> str:
    """Held by who polls this part of the feeds."""
    return f"feeds:{bucket}"


def post_queue(platform: Platform) -> str:
    """The queue of whoever posts there."""
    return f"post.{platform.value}"


def post_lock(destination: Destination) -> str:
    """Held by who posts there."""
    return f"{POST_LOCK}{destination.key}"


def chore_queue(name: str) -> str:
    """Of each chore its own: one that an older process does not know waits for a newer one."""
    return f"chores.{name}"


def chore_lock(name: str) -> str:
    """So that a chore waits once and is done by one process at a time."""
    return f"chore:{name}"
