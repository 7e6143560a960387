"""Faults to come, of either server: by script, or by seeded chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, Generic, Protocol, TypeVar

ChannelT = TypeVar("ChannelT", str, int)
ChannelT_contra = TypeVar("ChannelT_contra", contravariant=True)


class Striking(Protocol[ChannelT_contra]):
    """One thing that goes wrong with one request."""

    def fits(self, operation: str, channel: ChannelT_contra, /) -> bool:
        """Whether it may strike this request."""
        ...


FaultT = TypeVar("FaultT", bound=Striking[Any])


@dataclass
class Script(Generic[FaultT, ChannelT]):
    """The faults to come.

    Attributes:
        script: each strikes once, the first that fits a request.
        chances: (probability, fault), drawn for every request that fits; the first drawn strikes.
        seed: of those draws.
        struck: what has gone wrong so far: (operation, channel id, fault).
    """

    script: list[FaultT] = field(default_factory=list)
    chances: list[tuple[float, FaultT]] = field(default_factory=list)
    seed: int = 0
    struck: list[tuple[str, ChannelT, FaultT]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def add(self, *faults: FaultT) -> None:
        """Put ``faults`` at the end of the script."""
        self.script.extend(faults)

    def draw(self, operation: str, channel: ChannelT) -> FaultT | None:
        """The fault that strikes this request, if any."""
        found = self._draw(operation, channel)
        if found is not None:
            self.struck.append((operation, channel, found))
        return found

    def _draw(self, operation: str, channel: ChannelT) -> FaultT | None:
        for index, fault in enumerate(self.script):
            if fault.fits(operation, channel):
                return self.script.pop(index)
        for chance, fault in self.chances:
            if fault.fits(operation, channel) and self._random.random() < chance:
                return fault
        return None
