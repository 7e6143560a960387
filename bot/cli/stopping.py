"""Ctrl-C and SIGTERM, for a command that works until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any

LEAVE_S = 8.2
"""After a stop the work ends by itself; what has not ended by then is cancelled."""

END_S = 8.7
"""After a stop the process ends, whatever still hangs: a name lookup cannot be interrupted.
Nothing is lost with it, as what was not committed by now never will be."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run ``work`` with an event that Ctrl-C or SIGTERM sets; a second one ends at once."""
    asyncio.run(_supervise(work))


async def _supervise(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    earlier = {number: signal.getsignal(number) for number in SIGNALS}

    def ask_to_stop() -> None:
        stop.set()
        for number, handler in earlier.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
        last_resort = threading.Timer(END_S, os._exit, [0])
        last_resort.daemon = True
        last_resort.start()

    for number in SIGNALS:
        loop.add_signal_handler(number, ask_to_stop)
    working = asyncio.create_task(work(stop), name="work")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if stop.is_set():
        _, late = await asyncio.wait({working}, timeout=LEAVE_S)
        if late:
            working.cancel()
            await asyncio.wait({working})
            return
    await working
