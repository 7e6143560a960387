"""A process of ours, and what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProcessRole(StrEnum):
    """What a process does; one may have several."""

    SCHEDULE = "schedule"  # gives work out, and cleans up; of several one leads
    POLL = "poll"  # asks feeds, decides about stories
    DELIVER = "deliver"  # posts
    GATEWAY = "gateway"  # answers people
    WEB = "web"  # is reached by hubs, shows the pages


ALL_ROLES = frozenset(ProcessRole)


@dataclass(frozen=True, slots=True)
class Process:
    """A process at work on a database.

    Attributes:
        name: no other has it.
        roles: none while it starts or stops.
        host: the machine, as it calls itself.
        beat_at: when it last said that it lives.
    """

    name: str
    roles: frozenset[ProcessRole]
    host: str
    started_at: datetime
    beat_at: datetime
