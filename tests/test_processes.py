"""What a test leaves behind when it fails."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent

FAILING = """
import json
from pathlib import Path

import psutil

from tests.cli.program import Newsbot
from tests.crash.test_series import Bot
from tests.fleet.members import Fleet


def family(pid):
    one = psutil.Process(pid)
    return [one.pid, *(child.pid for child in one.children(recursive=True))]


async def test_it(tmp_path):
    newsbot = Newsbot(tmp_path)
    newsbot.write("feeds.txt", "http://127.0.0.1:9/rss")
    process = await newsbot.start("run", "--feeds", "feeds.txt")
    async for line in process.stderr:
        if b"Ctrl-C stops" in line:
            break
    bot = Bot(tmp_path, [])
    bot.start()
    fleet = Fleet(tmp_path, {}, {"poll": 1})
    fleet.start()
    others = [bot._process.pid, fleet.now["poll-0"].process.pid]
    Path("pids.json").write_text(json.dumps([*family(process.pid), *others]))
    raise TimeoutError
"""


def test_a_test_that_fails_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "test_failing.py").write_text(FAILING)
    options = ["-p", "tests.processes", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"]

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options, "test_failing.py"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "1 failed" in run.stdout, run.stdout + run.stderr
    pids = json.loads((tmp_path / "pids.json").read_text())
    assert len(pids) > 3  # the workers of the first are among them
    assert [pid for pid in pids if psutil.pid_exists(pid) and is_at_work(pid)] == []


def is_at_work(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
