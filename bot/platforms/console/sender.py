"""Posts to the operator's console; needs no token, so it is what a fresh install speaks to."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console, RenderableType

from bot.commands.answer import Answer
from bot.errors import SendRefusedForNow
from bot.model import Delivery, Digest, Message, Platform
from bot.platforms.console.answers import render_answer
from bot.platforms.console.render import render_digest, render_post, render_update, show
from bot.ports import Clock


class ConsoleSender:
    """Prints a card for a new post, a shorter one where a post would be edited, or a list.

    A console is a roll of paper: nothing on it can be changed or recognised, so a call
    repeated after a crash prints once more.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._reader_left = False
        # A reader that pauses (Ctrl-S, a pager) blocks the write. Polls must go on, and so
        # must the threads that look up names: attempts queue behind this one.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="console")

    @property
    def platform(self) -> Platform:
        """The platform it speaks to."""
        return Platform.CONSOLE

    @property
    def is_up(self) -> bool:
        """A console is always there."""
        return True

    async def send(
        self, delivery: Delivery, message: Message | Digest, *, reply_to: str = ""
    ) -> str:
        """Print ``message``; give "console:" and the id of its story, the first of a digest.

        A roll of paper has no threads: what ``reply_to`` would do, a line of the message does.

        Raises:
            SendRefusedForNow: whoever read the output is gone (a pipe into ``head``, a
                closed terminal) or the disk it goes to is full. The delivery stays owed,
                so that the next run with somebody to read it shows it.
        """
        del reply_to  # what it would do, a line of the message does
        await self._print_aside(_render(delivery, message))
        first = message.messages[0] if isinstance(message, Digest) else message
        return delivery.message_ref or f"console:{first.story_id}"

    async def tell(self, said: Answer, *, clock: Clock) -> None:
        """Print what nobody asked for.

        Raises:
            SendRefusedForNow: as ``send``.
        """
        rendered = render_answer(said, now=clock(), press=lambda choice: choice.action)
        await self._print_aside(rendered)

    async def _print_aside(self, rendered: RenderableType) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._print, rendered)

    def _print(self, rendered: RenderableType) -> None:
        if self._reader_left:
            raise SendRefusedForNow(_NOBODY_READS, is_general=True)
        try:
            show(self._console, rendered)
        except SystemExit as error:
            # What rich makes of a broken pipe, after muting the console for good: without
            # the note, later messages would vanish and be marked as sent.
            self._reader_left = True
            raise SendRefusedForNow(_NOBODY_READS, is_general=True) from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise SendRefusedForNow(
                f"console: cannot be written ({reason}); the post stays owed", is_general=True
            ) from error


def _render(delivery: Delivery, message: Message | Digest) -> RenderableType:
    if isinstance(message, Digest):
        return render_digest(message)
    return render_update(message) if delivery.message_ref else render_post(message)


_NOBODY_READS = "console: nobody reads the output any more; the post stays owed for the next run"
