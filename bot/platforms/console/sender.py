"""Posts to the operator's console; needs no token, so it is what a fresh install speaks to."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console

from bot.errors import SendRefusedForNow
from bot.model import Delivery, Message, Platform
from bot.platforms.console.render import render_post, render_update, show


class ConsoleSender:
    """Prints a card for a new post and a shorter one where a post would be edited.

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

    async def send(self, delivery: Delivery, message: Message, *, reply_to: str = "") -> str:
        """Print ``message``; give "console:" and the id of its story.

        A roll of paper has no threads: what ``reply_to`` would do, a line of the message does.

        Raises:
            SendRefusedForNow: whoever read the output is gone (a pipe into ``head``, a
                closed terminal) or the disk it goes to is full. The delivery stays owed,
                so that the next run with somebody to read it shows it.
        """
        del reply_to  # what it would do, a line of the message does
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._print, delivery, message)
        return delivery.message_ref or f"console:{message.story_id}"

    def _print(self, delivery: Delivery, message: Message) -> None:
        if self._reader_left:
            raise SendRefusedForNow(_NOBODY_READS)
        render = render_update if delivery.message_ref else render_post
        try:
            show(self._console, render(message))
        except SystemExit as error:
            # What rich makes of a broken pipe, after muting the console for good: without
            # the note, later messages would vanish and be marked as sent.
            self._reader_left = True
            raise SendRefusedForNow(_NOBODY_READS) from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise SendRefusedForNow(
                f"console: cannot be written ({reason}); the post stays owed"
            ) from error


_NOBODY_READS = "console: nobody reads the output any more; the post stays owed for the next run"
