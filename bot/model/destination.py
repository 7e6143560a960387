"""Where posts go, and what each place wants to hear."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Platform(StrEnum):
    """A place people talk, or the operator's own console."""

    CONSOLE = "console"
    DISCORD = "discord"
    SLACK = "slack"


@dataclass(frozen=True, slots=True)
class Destination:
    """A channel (or a thread in it) of a workspace on a platform; ids are the platform's."""

    platform: Platform
    workspace: str
    channel: str
    thread: str = ""

    @property
    def key(self) -> str:
        """One line that names it uniquely."""
        return f"{self.platform}/{self.workspace}/{self.channel}/{self.thread}"


CONSOLE = Destination(Platform.CONSOLE, workspace="", channel="console")


class Scope(StrEnum):
    """Which stories a destination wants."""

    ANY = "any"  # every relevant story
    MAKERS = "makers"  # a maker is named
    CARRIERS = "carriers"  # a carrier is named
    PAIR = "pair"  # a maker and a carrier, close together


@dataclass(frozen=True, slots=True)
class Subscription:
    """A destination wants stories of a scope."""

    destination: Destination
    scope: Scope = Scope.ANY
