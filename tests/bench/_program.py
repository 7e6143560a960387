"""Benches that start parse workers in their own process."""

from __future__ import annotations

import sys
from collections.abc import Callable


def run_program(main: Callable[[], None]) -> None:
    """Run ``main`` with workers as light as those of the bot.

    A worker process imports what its parent was started with. Of the bot that is a dozen
    lines; a bench brings its server and half the tests, a second's work for each worker.
    """
    started = sys.modules["__main__"]
    started.__spec__ = None
    del started.__file__
    main()
