"""What goes wrong on purpose: by script, or by seeded chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.servers.faults import Script


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong with one request.

    Attributes:
        answer: 500, 502 or 503, 429, 401 by a machine in between, "drop" for a connection cut
            without an answer, "cut" for one cut in the middle of an answer 200, or 0 for the
            proper answer (useful with ``hold_s``).
        is_committed: whether the request takes effect before it goes wrong; never with 429.
        hold_s: seconds the answer is held back, after the effect if there is one.
        operation: the name of the operation, "" for any (``create_message``, ...).
        channel_id: only requests of this channel; 0 for any.
        scope: of a 429: "user", "global" or "shared".
        retry_after_s: of a 429.
    """

    answer: int | Literal["drop", "cut"] = 500
    is_committed: bool = False
    hold_s: float = 0.0
    operation: str = "create_message"
    channel_id: int = 0
    scope: Literal["user", "global", "shared"] = "user"
    retry_after_s: float = 0.2

    def __post_init__(self) -> None:
        if self.answer not in {0, 401, 429, 500, 502, 503, 504, "drop", "cut"}:
            known = "0, 401, 429, 500, 502, 503, 504, 'drop' or 'cut'"
            raise ValueError(f"a fault answers {known}: {self.answer}")
        if self.answer == 429 and self.is_committed:
            raise ValueError("a request answered 429 never takes effect")

    def fits(self, operation: str, channel_id: int) -> bool:
        """Whether it may strike this request."""
        return self.operation in {"", operation} and self.channel_id in {0, channel_id}


Faults = Script[Fault, int]
