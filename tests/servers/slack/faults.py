"""What goes wrong on purpose: by script, or by seeded chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.servers.faults import Script


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong with one request.

    Attributes:
        answer: 500, 502, 503 or 504, 429, "drop" for a connection cut without an answer, "cut"
            for one cut in the middle of an answer, or 0 for the proper answer (useful with
            ``hold_s``).
        error: instead of ``answer``: HTTP 200 with ``ok`` false and this word
            ("internal_error", "fatal_error", "account_inactive", ...).
        is_committed: whether the request takes effect before it goes wrong; never with 429.
        hold_s: seconds the answer is held back, after the effect if there is one.
        late_s: seconds until the effect, if there is one: a connection is cut long before, and
            who asked may have given up.
        method: "" for any, or the name of the method; "response_url" and "upload" too.
        channel: only requests that name this channel id; "" for any.
        retry_after_s: of a 429, whole seconds as Slack gives them.
    """

    answer: int | Literal["drop", "cut"] = 503
    error: str = ""
    is_committed: bool = False
    hold_s: float = 0.0
    late_s: float = 0.0
    method: str = "chat.postMessage"
    channel: str = ""
    retry_after_s: int = 1

    def __post_init__(self) -> None:
        if self.answer not in {0, 429, 500, 502, 503, 504, "drop", "cut"}:
            known = "0, 429, 500, 502, 503, 504, 'drop' or 'cut'"
            raise ValueError(f"a fault answers {known}: {self.answer}")
        if self.retry_after_s < 1:
            raise ValueError(f"Slack names whole seconds, 1 or more: {self.retry_after_s}")
        if self.answer == 429 and self.is_committed and not self.error:
            raise ValueError("a request answered 429 never takes effect")

    @property
    def is_limit(self) -> bool:
        """Whether it is a 429."""
        return self.answer == 429 and not self.error

    @property
    def is_proper(self) -> bool:
        """Whether the request is answered as it deserves, only late."""
        return self.answer == 0 and not self.error

    def fits(self, method: str, channel: str) -> bool:
        """Whether it may strike this request."""
        return self.method in {"", method} and self.channel in {"", channel}


Faults = Script[Fault, str]
