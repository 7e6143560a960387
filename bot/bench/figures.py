"""What was measured, and the ratios that follow; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

OURS = "newsbot"


class Phase(StrEnum):
    """What the feeds had when they were polled."""

    COLD = "cold"  # a first poll: everything is new
    UNCHANGED = "unchanged"  # nothing new
    ONE_NEW = "one new"  # one new entry each


TARGETS = {Phase.COLD: 2.5, Phase.UNCHANGED: 5.0, Phase.ONE_NEW: 5.0}
"""How many times our CPU ``reader`` shall take at least."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One poller in one phase of one round, for all feeds together.

    Attributes:
        cpu_s: of the poller with its worker processes.
        wall_s: indicative, as other programs run too.
        peak_bytes: resident memory at its highest, with the workers.
        entries: stored by then.
        answers: what the server gave it, by HTTP status.
    """

    cpu_s: float
    wall_s: float
    peak_bytes: int
    entries: int
    answers: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """All rounds.

    Attributes:
        entries: that each feed lists.
        rounds: of each poller and phase, in the order measured.
        versions: of the pollers, by name.
        is_by_port: the feeds differed in their ports, not in their addresses.
    """

    feeds: int
    entries: int
    rounds: Mapping[str, Mapping[Phase, Sequence[Measured]]]
    versions: Mapping[str, str]
    is_by_port: bool = False

    def cpu_ms(self, poller: str, phase: Phase) -> float:
        """Milliseconds of CPU for a feed; the median of the rounds."""
        return 1000 * median(one.cpu_s for one in self.rounds[poller][phase]) / self.feeds

    def wall_s(self, poller: str, phase: Phase) -> float:
        """Seconds for all feeds; the median of the rounds."""
        return median(one.wall_s for one in self.rounds[poller][phase])

    def peak_mb(self, poller: str, phase: Phase) -> float:
        """Megabytes; the median of the rounds."""
        return median(one.peak_bytes for one in self.rounds[poller][phase]) / 1e6

    def times_ours(self, poller: str, phase: Phase) -> float:
        """How many times our CPU the poller took."""
        return self.cpu_ms(poller, phase) / self.cpu_ms(OURS, phase)

    def find_flaws(self) -> tuple[str, ...]:
        """What makes the comparison unequal, a line each; () if all stored and asked alike."""
        return tuple(
            f"{poller}, {phase}: {flaw}"
            for poller, phases in self.rounds.items()
            for phase, rounds in phases.items()
            for flaw in dict.fromkeys(flaw for one in rounds for flaw in self._flaws(phase, one))
        )

    def stored(self, phase: Phase) -> int:
        """Entries that must be stored after ``phase``."""
        return self.feeds * (self.entries + (phase is Phase.ONE_NEW))

    def _flaws(self, phase: Phase, one: Measured) -> list[str]:
        flaws = []
        if one.entries != self.stored(phase):
            flaws.append(f"{one.entries} entries stored, not {self.stored(phase)}")
        status = 304 if phase is Phase.UNCHANGED else 200
        if one.answers != {status: self.feeds}:
            told = ", ".join(f"{count} × {status}" for status, count in one.answers.items())
            flaws.append(f"answers were {told or 'none'}, not {self.feeds} × {status}")
        return flaws
