"""The pair rule: a story is ours when a handset maker and a carrier are named close together.

Pure: mentions in, pairs out. Whether a name means the company is settled
earlier, in matching/context.py; who is told is settled later, in pipeline/routing.py.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from bot.model import Mention, Role

NEAR = 200
"""Characters of plain text between the two names: two sentences.

Measured: of 46 labelled pairs half are within 15 characters, all but one within 52, the
widest is 83; the rest is room for the longer sentences of articles.
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """A maker and a carrier mentioned in the same text."""

    maker: Mention
    carrier: Mention

    @property
    def gap(self) -> int:
        """Characters between the two names; 0 if they touch or overlap."""
        first, second = sorted((self.maker, self.carrier), key=lambda m: m.start)
        return max(0, second.start - first.end)


def find_pairs(mentions: Iterable[Mention], *, near: int = NEAR) -> tuple[Pair, ...]:
    """Pair each maker with each carrier at most ``near`` characters away, closest first.

    All mentions are places in one text. Ties keep reading order, so the same text
    always gives the same answer.
    """
    if near < 0:
        raise ValueError(f"near is a distance in characters, 0 or more; got {near}")
    found = sorted(mentions, key=lambda m: m.start)
    makers = [m for m in found if m.role is Role.MAKER]
    carriers = [m for m in found if m.role is Role.CARRIER]
    starts = [c.start for c in carriers]
    longest = max((c.end - c.start for c in carriers), default=0)
    pairs = [
        Pair(maker, carrier)
        for maker in makers
        # Only the carriers that may be near: a long article names both a thousand times.
        for carrier in carriers[
            bisect_left(starts, maker.start - near - longest) : bisect_right(
                starts, maker.end + near
            )
        ]
    ]
    return tuple(sorted((p for p in pairs if p.gap <= near), key=lambda p: p.gap))
