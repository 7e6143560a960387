"""Who changed what in a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.destination import Destination


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Somebody used a command or a button that changes something, and it was done.

    Attributes:
        place: where it was typed; its workspace is whose log it stands in.
        user: the platform's id of the person, "" for the operator.
        said: what was done, as it would be typed: "/alerts subscribe channel:C1 scope:pair".
    """

    at: datetime
    place: Destination
    user: str
    said: str
