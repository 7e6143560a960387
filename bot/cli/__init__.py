"""The ``newsbot`` command: arguments in, exit codes out; the work is done elsewhere.

Exit codes: 0 done, or stopped as asked; 1 done, and the answer is no (no feed in the
document, a check failed); 2 something must be put right first, and the message says
what; 130 interrupted before the answer was whole.

Nothing heavy is imported here or at the top of the modules beside this one: a command
imports what it needs when it is called, so that ``newsbot --help`` waits for no database.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

INTERRUPTED = 128 + signal.SIGINT  # what shells report of a program that Ctrl-C ended
UNTIL_STOPPED = frozenset({"run", "demo"})  # to these a stop is no failure


def main() -> None:
    """Run the command line."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    _prepare_streams()
    from bot.cli.program import app

    app(prog_name="newsbot")  # also as `python -m bot`


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """What a signal does until a command takes it over: everything is closed on the way out."""
    raise SystemExit(0 if UNTIL_STOPPED.intersection(sys.argv) else INTERRUPTED)


def _prepare_streams() -> None:
    """Make standard streams that can be written whatever the caller did to them.

    One that was closed (``>&-``) is None. A locale without our letters gets "?" for them;
    what must be UTF-8 (JSON, OPML) goes past the locale, see ``setup.write_utf8``.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  # kept
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
