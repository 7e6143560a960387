"""Processes that help the benchmark: the server and the pollers, each asked line by line.

A helper reads JSON requests from its standard input and writes one JSON answer a line. It
leads a session of its own, so that Ctrl-C reaches the benchmark alone, which then ends it with
everything it started. It ends by itself when its input does.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.errors import OperatorError

LONGEST_LINE = 2**24
"""Bytes of an answer."""

END_S = 10.0
"""For a helper to end by itself, before it is killed."""

Answering = Callable[..., Awaitable[Any]]


class Helper:
    """A helper, as the benchmark sees it; it runs while the context is open.

    Args:
        module: what it runs.
        arguments: for its command line.
        errors: the file that gets what it writes to standard error. Beside it stands what it
            keeps for a while: one that is killed cannot clear it away.
    """

    def __init__(self, module: str, *arguments: str, errors: Path) -> None:
        self._command = (sys.executable, "-m", module, *arguments)
        self._errors = errors
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        with self._errors.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=errors,
                env=os.environ | {"TMPDIR": str(self._errors.parent)},
                limit=LONGEST_LINE,
                start_new_session=True,
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process = self._running()
        if kind is None and process.stdin is not None:
            process.stdin.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), END_S)
        with suppress(ProcessLookupError):  # its own processes, where it left any, go with it
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._running().pid

    async def ask(self, what: str, **details: Any) -> Any:
        """Let it do ``what``; its answer.

        Raises:
            OperatorError: it ended; the message has the last line of what it complained of.
        """
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([what, details]).encode() + b"\n")
        with suppress(ConnectionError):  # it ended; the answer that is not there tells
            await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            with suppress(TimeoutError):  # what it complains of comes last
                await asyncio.wait_for(process.wait(), END_S)
            raise OperatorError(f"the benchmark stopped: {self._last_words()}")
        return json.loads(line)

    def _running(self) -> Process:
        if self._process is None:
            raise RuntimeError("Helper is used outside its `async with`")
        return self._process

    def _last_words(self) -> str:
        lines = self._errors.read_text(encoding="utf-8", errors="replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return said[-1] if said else f"{self._command[2]} ended without a word"


async def answer_requests(able: Mapping[str, Answering]) -> None:
    """Be a helper that is ``able`` to do these things, until its input ends.

    What anything else here prints goes to standard error, so that answers stay readable.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with answers:
        while line := await asyncio.to_thread(sys.stdin.readline):
            what, details = json.loads(line)
            answers.write(json.dumps(await able[what](**details)) + "\n")
            answers.flush()
