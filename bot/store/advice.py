"""What is wrong with a database that cannot be used, and what an operator can do about it.

It is read from what its driver says.

libpq gives no code for what fails while it connects, so its English words are looked at; a
server that speaks another language gets the general advice.

Source: libpq's fe-connect.c and PostgreSQL's auth.c and postinit.c; SQLite's result codes.
"""

from __future__ import annotations

import re

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError

_AWAY_CODES = frozenset({5, 10, 13, 14})  # see is_away

GENERAL = "check the address, that the database is up and that newsbot may write to it"

_PASSING = (
    (
        "Connection refused",
        "nothing listens at that address: start the server, or mend host and port",
    ),
    (
        "failed to resolve host|could not translate host name",
        "no such host is known here: mend its name, or look at this machine's DNS",
    ),
    (
        "timeout expired|timed out|Network is unreachable|No route to host",
        "the host does not answer: look at the network and the firewall between",
    ),
    (
        r"\.s\.PGSQL\.\d+\" failed: No such file",
        "no server has its socket there: start it, or name its host in the address",
    ),
    (
        "too many (?:clients|connections)|remaining connection slots",
        "the server has no connection left: raise its max_connections",
    ),
    (
        "the database system is",  # starting up, shutting down, recovering
        "it is about to be there again, or to go: wait, or look at its log",
    ),
)
"""What time may mend; the settings may be right."""

_WRONG = (
    (
        "password authentication failed|no password supplied|role .+ does not exist",
        "user or password is wrong: mend them in the address (@ in a password is %40)",
    ),
    (
        'database ".+" does not exist',
        "make that database first (createdb), or mend its name in the address",
    ),
    (
        "no pg_hba.conf entry|no encryption|server does not support SSL|SSL off",
        "the server wants TLS, or nobody from here: put ?sslmode=require behind the address",
    ),
    (
        "certificate verify failed|does not match host name",
        "its certificate is not the one expected: mend the host, or sslrootcert in the address",
    ),
    (
        r"\binvalid .*(?:value|number|option)|file .+ does not exist",
        "mend what stands behind the question mark of the address",
    ),
    (
        "permission denied for",
        "this user lacks a right there: make newsbot's user the owner of the database",
    ),
    ("database or disk is full|No space left", "the disk is full: make room, then start again"),
    (
        "readonly database|Read-only file system",
        "newsbot must be able to write the file and beside it",
    ),
    (
        "database is locked|database table is locked",
        "another program holds it: stop that one, and keep the file off network file systems",
    ),
    (
        "file is not a database|malformed",
        "this file is none of SQLite's or is damaged: name another, or put a backup in its place",
    ),
    ("unable to open database file", "mend its path, and let newsbot's user read and write there"),
)
"""What time does not mend."""


def advise(reason: str) -> str:
    """What to do about ``reason``, words of a driver in one line."""
    for pattern, advice in (*_PASSING, *_WRONG):
        if re.search(pattern, reason):
            return advice
    return GENERAL


def is_wrong(reason: str) -> bool:
    """Whether waiting is in vain, as far as ``reason`` is understood."""
    return any(re.search(pattern, reason) for pattern, _ in _WRONG)


def shorten(reason: str, url: URL) -> str:
    """``reason`` without what the address says already, and without the password."""
    if url.password:
        reason = reason.replace(str(url.password), "***")
    reason = re.sub(
        r"^connection (?:failed|is bad|to server was lost): (?=connection to)", "", reason
    )
    reason = re.sub(r" Is the server running .*$", "", reason)
    return re.sub(r"^connection to server (?:at|on) .*? failed: (?:FATAL: )?", "", reason).strip()


def is_away(error: BaseException) -> bool:
    """Whether the database did not answer at all: it is busy, full, unreadable or not there.

    What asks again at once waits for the same. Source: SQLite result codes 5 (busy), 10, 13
    and 14; PostgreSQL, error classes 08 and 57, and none where the connection was lost.
    """
    if not isinstance(error, DBAPIError):
        return isinstance(error, TimeoutError)
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _AWAY_CODES
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and (not state or state[:2] in {"08", "57"})
    )
