"""What an operator can do about a database that cannot be used, read from what its driver says.

libpq gives no code for what fails while it connects, so its English words are looked at; a
server that speaks another language gets the general advice.

Source: libpq's fe-connect.c and PostgreSQL's auth.c and postinit.c; SQLite's result codes.
"""

from __future__ import annotations

import re

from sqlalchemy import URL

GENERAL = "check the address, that the database is up and that newsbot may write to it"

_ADVICE = (
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
        "password authentication failed|no password supplied|role .+ does not exist",
        "user or password is wrong: mend them in the address (@ in a password is %40)",
    ),
    (
        'database ".+" does not exist',
        "make that database first (createdb), or mend its name in the address",
    ),
    (
        "no encryption|server does not support SSL|SSL off",
        "the server wants TLS, or nobody from here: put ?sslmode=require behind the address",
    ),
    (
        "certificate verify failed|does not match host name",
        "its certificate is not the one expected: mend the host, or sslrootcert in the address",
    ),
    (
        "too many (?:clients|connections)|remaining connection slots",
        "the server has no connection left: raise its max_connections",
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


def advise(reason: str) -> str:
    """What to do about ``reason``, words of a driver in one line."""
    for pattern, advice in _ADVICE:
        if re.search(pattern, reason):
            return advice
    return GENERAL


def shorten(reason: str, url: URL) -> str:
    """``reason`` without what the address says already, and without the password."""
    if url.password:
        reason = reason.replace(str(url.password), "***")
    reason = re.sub(
        r"^connection (?:failed|is bad|to server was lost): (?=connection to)", "", reason
    )
    reason = re.sub(r" Is the server running .*$", "", reason)
    return re.sub(r"^connection to server (?:at|on) .*? failed: (?:FATAL: )?", "", reason).strip()
