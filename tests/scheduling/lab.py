"""What tests of rounds share: rounds over a newsroom, and a platform of our own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.model import Platform
from bot.scheduling.cluster.engine import Part
from bot.scheduling.jobs import Rounds
from bot.summaries import make_message
from tests.delivery.senders import KeepingSender
from tests.pipeline.lab import (
    CATALOGUE,
    Newsroom,
)

PATIENCE_S = 30.0


@dataclass
class Office:
    """Rounds at work in a newsroom, and the platform they post to."""

    rounds: Rounds
    sender: KeepingSender


def make_office(room: Newsroom, *, concurrency: int = 8, **changes: Any) -> Office:
    """Rounds over ``room``; ``poller`` and ``store`` may be others than the room's."""
    sender = KeepingSender(Platform.CONSOLE)
    drain = Drain(
        PostOffice(
            store=changes.get("store", room.store),
            senders=[sender],
            render=partial(make_message, catalogue=CATALOGUE),
            clock=room.clock,
        )
    )
    joined: dict[str, Any] = {
        "store": room.store,
        "poller": room.poller,
        "drain": drain,
        "clock": room.clock,
        "concurrency": concurrency,
        **changes,
    }
    return Office(Rounds(**joined), sender)


class Running:
    """``rounds.run`` in a task of its own while this is entered; stopped at the end."""

    def __init__(self, rounds: Part, *, grace_s: float = 8.0) -> None:
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(rounds.run(self._stop, grace_s=grace_s))

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.wait_for(self._task, PATIENCE_S)


async def until(room: Newsroom, path: str, polls: int) -> None:
    """Until ``path`` was asked for so often."""
    async with asyncio.timeout(PATIENCE_S):
        while room.server.counts[path] < polls:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)


def left_behind() -> list[str]:
    """Polls and drains that nobody waits for any more."""
    names = [task.get_name() for task in asyncio.all_tasks()]
    return [name for name in names if name.split()[0] in {"poll", "drain"}]
