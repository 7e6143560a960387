"""What a site's robots.txt says to us.

Pure: bytes in, rules out. Reading is protego's; ours is only which lines speak to us.
When the file is asked for and how long it holds is settled in sites.py.
"""

from __future__ import annotations

import re
from typing import Final

from protego import Protego

ROBOT_NAME: Final = "newsbot"
"""What a site's owner writes behind ``User-agent:`` to speak to us alone (RFC 9309 §2.2.1)."""

MAX_BYTES: Final = 500 * 1024
"""Of a robots.txt that are read; what comes after them does not count (RFC 9309 §2.5)."""

_AGENT_LINE = re.compile(r"[ \t]*user[- ]?agent[ \t]*[: \t](?P<agent>[^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"\*|[a-z_-]+", re.IGNORECASE)
_SOMEBODY_ELSE = "other"


class Rules:
    """The rules of one robots.txt that hold for us.

    Attributes:
        delay_s: seconds its owner wants between two requests; 0.0 where nothing is said.
        weight: bytes it was read from, a measure of what keeping it costs.
    """

    def __init__(self, body: bytes = b"") -> None:
        """Read ``body``, the file as it came; none says that all may be asked."""
        text = body[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
        self._file = Protego.parse("\n".join(map(_addressed, text.splitlines())))
        self.delay_s = self._file.crawl_delay(ROBOT_NAME) or 0.0
        self.weight = len(body)

    def allow(self, url: str) -> bool:
        """Whether ``url`` may be asked."""
        return self._file.can_fetch(url, ROBOT_NAME)


def _addressed(line: str) -> str:
    """``line``; one that names whom the next rules are for, by our own token, ``*`` or neither.

    protego takes "User-agent: new" for us, as it reads tokens from their beginning, and
    "newsbot/2.0" for somebody else, where the RFC wants the whole token and nothing after it.
    Naming all others alike also bounds the work: rules are kept once for each name.
    """
    named = _AGENT_LINE.match(line)
    if named is None:
        return line
    token = _TOKEN.match(named["agent"].strip())
    agent = token.group().lower() if token else _SOMEBODY_ELSE
    return f"User-agent: {agent if agent in ('*', ROBOT_NAME) else _SOMEBODY_ELSE}"
