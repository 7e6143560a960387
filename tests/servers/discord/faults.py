"""What goes wrong on purpose: by script, or by seeded chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Literal


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


@dataclass
class Faults:
    """The faults to come.

    Attributes:
        script: each strikes once, the first that fits a request.
        chances: (probability, fault), drawn for every request that fits; the first drawn strikes.
        seed: of those draws.
        struck: what has gone wrong so far: (operation, channel id, fault).
    """

    script: list[Fault] = field(default_factory=list)
    chances: list[tuple[float, Fault]] = field(default_factory=list)
    seed: int = 0
    struck: list[tuple[str, int, Fault]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def add(self, *faults: Fault) -> None:
        """Put ``faults`` at the end of the script."""
        self.script.extend(faults)

    def draw(self, operation: str, channel_id: int) -> Fault | None:
        """The fault that strikes this request, if any."""
        found = self._draw(operation, channel_id)
        if found is not None:
            self.struck.append((operation, channel_id, found))
        return found

    def _draw(self, operation: str, channel_id: int) -> Fault | None:
        for index, fault in enumerate(self.script):
            if fault.fits(operation, channel_id):
                return self.script.pop(index)
        for chance, fault in self.chances:
            if fault.fits(operation, channel_id) and self._random.random() < chance:
                return fault
        return None
