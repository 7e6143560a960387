"""A warning of discord.py about heartbeats that cannot be true.

discord.py notes when a beat was sent in the thread that had it sent, after the event loop did. An
answer that comes before that thread has its turn is counted from the beat before, and "Can't keep
up, websocket is 41.3s behind" is logged of a connection that answered at once: with a gateway a
millisecond away for one beat in eight.
"""

from __future__ import annotations

import logging
import threading

from discord.gateway import KeepAliveHandler

BEHIND = "Can't keep up, "
"""How that warning begins."""


def keep_out_false_warnings() -> None:
    """Log it only where it can be true; the others of its logger as before."""
    logging.getLogger("discord.gateway").addFilter(_may_be_true)  # the same one is added once


def _may_be_true(record: logging.LogRecord) -> bool:
    """No answer is later than the next beat, from which it would be counted.

    Source: discord.py 2.7, ``KeepAliveHandler.run`` and ``ack``.
    """
    if not str(record.msg).startswith(BEHIND) or not isinstance(record.args, tuple):
        return True
    shard, behind_s = record.args
    return not any(
        isinstance(one, KeepAliveHandler)
        and one.shard_id == shard
        and one.interval is not None
        and isinstance(behind_s, float)
        and behind_s >= one.interval
        for one in threading.enumerate()
    )
