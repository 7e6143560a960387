"""Where posts go, and what each place wants to hear."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.company import Role


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
class Watch:
    """The people of a workspace care about a company besides those of the catalogue.

    Attributes:
        name: as they write it; alone it is enough.
        role: as a maker or a carrier it takes part in pairs and relevance, for them.
        aliases: further names it goes by.
        needs: words of which one must stand in the text; () for what the name suggests.
        unless: words that show another meaning.
        exact_case: whether upper and lower case matter; None for what the name suggests.
        is_alone: its names count wherever they stand, be they everyday words.
        platform, workspace: whose watch it is; the operator's console by default.
    """

    name: str
    role: Role = Role.OTHER
    aliases: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    exact_case: bool | None = None
    is_alone: bool = False
    platform: Platform = Platform.CONSOLE
    workspace: str = ""
