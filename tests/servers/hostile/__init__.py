"""Servers that attack whoever polls them; each case says what must come of it.

    python -m tests.servers.hostile --port 8666

serves all of them by hand and lists their addresses. Bot and test share nothing with it
but connections: it runs in a process of its own, so that memory can be told apart.
"""

from __future__ import annotations

from tests.servers.hostile import answers, bodies, changing, documents, markup, redirects
from tests.servers.hostile.case import CANARY, Case, Expect
from tests.servers.hostile.server import CONTROL, HostileServer, host_of

__all__ = ["CANARY", "CASES", "CONTROL", "Case", "Expect", "HostileServer", "host_of"]

CASES: tuple[Case, ...] = (
    *documents.CASES,
    *bodies.CASES,
    *redirects.CASES,
    *answers.CASES,
    *changing.CASES,
    *markup.CASES,
)
