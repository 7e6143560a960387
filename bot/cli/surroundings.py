"""What ``newsbot doctor`` sees around newsbot: versions, disk, lock, ports, proxies.

Nothing is written and nobody is asked; each thing that is in order says nothing.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib import metadata
from pathlib import Path

from filelock import FileLock, Timeout
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from bot.cli.findings import Finding, Verdict
from bot.errors import OperatorError
from bot.prose.addresses import explain_listening
from bot.settings import Settings
from bot.settings.doors import find_doors
from bot.settings.secrets import find_readers
from bot.store import parse_url, sqlite_path_or_none

NO_ROOM = 64 * 2**20
LITTLE_ROOM = 512 * 2**20
"""Bytes free on the database's disk under which nothing is sure to work, or soon will not."""

WRITER_S = 2.0
"""Seconds that somebody else may take to write."""

PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")


def look_around(
    settings: Settings, environ: Mapping[str, str], *, is_running: bool
) -> list[Finding]:
    """Everything that is amiss on this machine.

    Args:
        is_running: a bot is at work on this database, and its ports are its own.
    """
    found = [*_versions(), *_disk(settings), *_readers(settings), *_proxies(settings, environ)]
    if not is_running:
        found += [*_lock(settings), *_ports(settings)]
    return found


def _versions() -> Iterator[Finding]:
    """What was installed together need not have stayed so."""
    try:
        wanted_python = metadata.metadata("newsbot")["Requires-Python"]
    except metadata.PackageNotFoundError:  # a checkout that nobody installed
        return
    python = platform.python_version()
    if python not in SpecifierSet(wanted_python):
        text = f"newsbot needs {wanted_python}, this is {python}; install it for such a Python"
        yield Finding(Verdict.WRONG, "python", text)
    wrong = []
    for line in metadata.requires("newsbot") or ():
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            there = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(there, prereleases=True):
            wrong.append(f"{wanted.name} is {there}, not {wanted.specifier}")
    if wrong:
        told = "; ".join(wrong)
        text = f"{told}: install newsbot again (pip install --upgrade .), best into its own venv"
        yield Finding(Verdict.WRONG, "libraries", text)


def _disk(settings: Settings) -> Iterator[Finding]:
    path = _database_file_or_none(settings)
    if path is None or not path.parent.is_dir():
        return
    closed = [one for one in (path.parent, path) if one.exists() and not os.access(one, os.W_OK)]
    if closed:
        text = f"{closed[0]} cannot be written: give it to newsbot's user, or set database.url"
        yield Finding(Verdict.WRONG, "disk", text)
    free = shutil.disk_usage(path.parent).free
    if free < LITTLE_ROOM:
        text = (
            f"{free // 2**20} MiB are free where the database is ({path.parent.absolute()}); "
            "make room, or set database.url"
        )
        yield Finding(Verdict.WRONG if free < NO_ROOM else Verdict.NOTE, "disk", text)


def _readers(settings: Settings) -> Iterator[Finding]:
    """A database with tokens in it that was made by an older newsbot, or copied by hand."""
    path = _database_file_or_none(settings)
    if path is None or not path.is_file():
        return
    if (problem := find_readers(path)) and _has_tokens(path):
        text = f"{path} holds tokens of Slack workspaces and {problem}"
        yield Finding(Verdict.NOTE, "disk", text)


def _has_tokens(path: Path) -> bool:
    """Whether workspaces installed the Slack app."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            return bool(database.execute("SELECT 1 FROM slack_bots LIMIT 1").fetchone())
    except sqlite3.Error:
        return False  # none of ours yet, or none at all: its own finding says so


def _proxies(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    given = [name for name in PROXIES if environ.get(name, "").strip() or environ.get(name.lower())]
    if given:
        own = "Slack's Web API is asked through it; " if settings.slack.is_on else ""
        text = (
            f"{', '.join(given)} is set; {own}feeds, articles and Discord are asked directly, "
            "and need a way out of this network"
        )
        yield Finding(Verdict.NOTE, "proxy", text)


def _lock(settings: Settings) -> Iterator[Finding]:
    """Somebody holds the database and gives no sign of life: it hangs, or has just begun."""
    path = _database_file_or_none(settings)
    if path is None or not path.is_file():
        return
    if _is_held(path):
        text = (
            f"another program writes to {path} and does not let go; stop it, or name another "
            "database with --database"
        )
        yield Finding(Verdict.WRONG, "lock", text)
    if not Path(f"{path}.lock").exists():
        return
    try:
        with FileLock(f"{path}.lock").acquire(timeout=0):
            pass
    except Timeout:
        text = (
            f"another newsbot holds {path} and gives no sign of life: it begins just now, or "
            "hangs; stop it, or name another database with --database"
        )
        yield Finding(Verdict.WRONG, "lock", text)
    except OSError:
        return  # the disk's own finding says why


def _is_held(path: Path) -> bool:
    """Whether a transaction could not begin; nothing is written in it."""
    try:
        with closing(sqlite3.connect(path, timeout=WRITER_S, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except sqlite3.DatabaseError:
        return False  # no database at all: its own finding says so
    return False


def _ports(settings: Settings) -> Iterator[Finding]:
    """Who listens where we are to listen."""
    for setting, where in find_doors(settings).items():
        host, _, port = where.rpartition(":")
        if port != "0" and (problem := _find_problem(host.strip("[]"), int(port))):
            variable = f"NEWSBOT_{setting.replace('.', '_')}".upper()
            yield Finding(Verdict.WRONG, f"{setting} ({variable})", f"{where} {problem}")


def _find_problem(host: str, port: int) -> str:
    """Why nobody can listen there, or ""; tried, and given back at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as asyncio does
        try:
            one.bind((host, port))
            one.listen()
        except OSError as error:
            return explain_listening(error)
    return ""


def _database_file_or_none(settings: Settings) -> Path | None:
    try:
        return sqlite_path_or_none(parse_url(settings.database.url))
    except OperatorError:
        return None  # the database's own finding says why
