"""A message of blocks, ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.commands.answer import File

Block = dict[str, Any]
"""One block of Block Kit as JSON; its keys depend on its "type"."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message, and all that must go with it.

    Attributes:
        blocks: at most 50, never none.
        text: it all in one line of mrkdwn, escaped: what notifications, screen readers and
            logs say; never empty.
        files: to be uploaded by whoever sends it.
    """

    blocks: tuple[Block, ...]
    text: str
    files: tuple[File, ...] = ()
