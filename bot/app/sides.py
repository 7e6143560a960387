"""What the rest of the program knows of a platform that is connected.

Each side runs in a task of its own: whatever befalls one touches neither the others nor the
polls nor the posts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

from bot.commands.answer import Answer
from bot.errors import NewsbotError
from bot.model import Subscription
from bot.ports import Sender

AGAIN_S = 60.0
"""Seconds after which a side that broke is begun anew."""

AGAIN = "commands are not answered until the next attempt in"

log = logging.getLogger(__name__)


class Side(Protocol):
    """One platform: what posts there, and what answers people."""

    @property
    def name(self) -> str:
        """What people call the platform."""
        ...

    @property
    def sender(self) -> Sender:
        """Posts."""
        ...

    @property
    def notice(self) -> Callable[[Subscription], Awaitable[None]]:
        """Tells who subscribed that a channel takes no posts any more; never raises."""
        ...

    @property
    def is_heard(self) -> bool:
        """Whether what people do there arrives."""
        ...

    async def tell(self, workspace: str, person: str, said: Answer) -> None:
        """Tell a person of ``workspace`` something in a direct message, once.

        Raises:
            SendError: it did not arrive, as far as can be told; ``SendRefusedForNow`` where it
                may at another time.
        """
        ...

    async def run(self) -> None:
        """Answer people until this is cancelled.

        When it returns, nothing that people asked for is under way any more. It may be begun
        anew after it raised.
        """
        ...

    def call_when_done(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called after each command, as it may have made posts due."""
        ...

    async def wait_until_settled(self) -> None:
        """Wait until posts can be made, or cannot be for now."""
        ...

    async def introduce(self, doing: str = "posting to") -> str:
        """Under which name it posts, and how to invite it, once that is known.

        Args:
            doing: what this process does there.
        """
        ...


async def keep_running(side: Side) -> None:
    """Run ``side`` until this is cancelled, whatever goes wrong with it."""
    me = asyncio.current_task()
    assert me is not None
    while not me.cancelling():  # what goes wrong while it ends takes the place of the ending
        try:
            await side.run()
            log.error("%s: %s %.0f s", side.name, AGAIN, AGAIN_S)
        except NewsbotError as error:
            log.error("%s: %s; %s %.0f s", side.name, error, AGAIN, AGAIN_S)  # noqa: TRY400
        except Exception:
            log.exception("%s: %s %.0f s", side.name, AGAIN, AGAIN_S)
        if not me.cancelling():
            await asyncio.sleep(AGAIN_S)


async def talk(sides: Sequence[Side], stop: asyncio.Event) -> None:
    """Answer people on all ``sides``, side by side, until ``stop``."""
    running = [asyncio.create_task(keep_running(one), name=one.name) for one in sides]
    if not running:
        return
    try:
        await stop.wait()
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        for task in running:
            if not task.cancelled() and (error := task.exception()):
                log.error("%s did not end well", task.get_name(), exc_info=error)


async def tell_of_parked(sides: Sequence[Side], subscription: Subscription) -> None:
    """Have its own platform tell that ``subscription`` is parked."""
    platform = subscription.destination.platform
    for side in sides:
        if side.sender.platform is platform:
            await side.notice(subscription)


async def wait_until_settled(sides: Sequence[Side], *, at_most_s: float) -> None:
    """Wait until all ``sides`` can post or cannot for now; one that hangs holds nobody up."""
    with suppress(TimeoutError):
        async with asyncio.timeout(at_most_s):
            await asyncio.gather(
                *(one.wait_until_settled() for one in sides), return_exceptions=True
            )
