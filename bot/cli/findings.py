"""What ``newsbot doctor`` says of one thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    FINE = "ok"
    NOTE = "note"  # works, but somebody should know
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``text`` says what is wrong and what to do."""

    verdict: Verdict
    subject: str
    text: str
