"""The installed program in a process of its own, as its user starts it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path

from tests.processes import note_started

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 60

NOISE = re.compile(
    r"Traceback|Exception ignored|Task was destroyed|ResourceWarning|DeprecationWarning"
    r"|never awaited|never retrieved|unclosed|internal error|broke;"
)
"""What no user may ever see, whatever he does."""


@dataclass(frozen=True)
class Answer:
    """What a call printed, and its exit code."""

    code: int
    out: str
    err: str


class Newsbot:
    """Runs ``newsbot`` in ``folder`` with an environment that holds nothing of ours.

    Attributes:
        folder: the current folder of every call; databases and files live there.
        env: the environment of every call; the address guard lets loopback pass.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "NEWSBOT_FETCH_ALLOW_ADDRESSES": "127.0.0.0/8",
            "NEWSBOT_FETCH_PER_HOST_SPACING_S": "0",
        }

    async def __call__(
        self, *args: str | Path, code: int = 0, stdin: bytes = b"", **env: str
    ) -> Answer:
        """Call it, expect the exit code ``code`` and nothing that a user must not see."""
        process = await self.start(*args, **env)
        return await self.finish(process, code=code, stdin=stdin)

    async def start(self, *args: str | Path, **env: str) -> Process:
        """Start it; PYTHONDEVMODE="1" makes Python tell of what is left open."""
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "bot", *map(str, args)],
            cwd=self.folder,
            env=self.env | env,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )
        note_started(process.pid)
        return process

    async def finish(self, process: Process, *, code: int = 0, stdin: bytes = b"") -> Answer:
        """Wait for its end."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                out, err = await process.communicate(stdin)
        except BaseException:
            process.kill()
            await process.wait()
            raise
        assert process.returncode is not None
        answer = Answer(process.returncode, out.decode(), err.decode())
        assert answer.code == code, answer
        assert not NOISE.search(answer.out + answer.err), answer
        return answer

    async def shell(self, line: str, **env: str) -> Answer:
        """Run ``line`` by bash, with "newsbot" in it; pipes count as failed if a part did."""
        process = await asyncio.create_subprocess_exec(
            *["bash", "-c", f'newsbot() {{ "$PYTHON" -m bot "$@"; }}; set -o pipefail; {line}'],
            cwd=self.folder,
            env=self.env | {"PYTHON": sys.executable} | env,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )
        note_started(process.pid)
        out, err = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
        assert process.returncode is not None
        answer = Answer(process.returncode, out.decode(errors="replace"), err.decode())
        assert not NOISE.search(answer.out + answer.err), answer
        return answer

    def write(self, name: str, *lines: str) -> Path:
        """A file of these lines in the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def files(self) -> list[Path]:
        """What is in the folder."""
        return list(self.folder.iterdir())


async def wait_for_line(process: Process, text: str, *, timeout_s: float = 30) -> str:
    """Until ``text`` is on its standard error; what it said before."""
    assert process.stderr is not None
    before = ""
    async with asyncio.timeout(timeout_s):
        async for line in process.stderr:
            if text in line.decode():
                return before
            before += line.decode()
    raise AssertionError(f"it ended without {text!r}")
