"""What kind of thing happened: the event type whose words weigh most.

The words and weights are ``config/events.toml``'s. Each distinct word counts once,
in full in the title and by half in the summary; "won't sell" is one word there and
hides the "sell" in it. Equal sums go to the type that stands first in the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.matching.passages import BODY, TITLE, Passage
from bot.matching.scanner import Scanner, scanned
from bot.model import Event, EventRule

_IN_SUMMARY = 0.5


class EventReader:
    """Tells the event type of a text from its words."""

    def __init__(self, rules: Sequence[EventRule]) -> None:
        self._rules: dict[str, list[EventRule]] = defaultdict(list)
        for rule in rules:
            for word in rule.words:
                self._rules[scanned(word)].append(rule)
        self._rank = {event: -i for i, event in enumerate(dict.fromkeys(r.event for r in rules))}
        self._scanner = Scanner(self._rules)

    def read(self, passages: Iterable[Passage], *, is_pair: bool) -> tuple[Event, str]:
        """The type and the word that decided, as written; ``OTHER`` and "" with none.

        ``is_pair``: a maker and a carrier are named, so that "won't" may mean no deal.
        """
        sums: dict[Event, float] = defaultdict(float)
        best: dict[Event, tuple[float, str]] = {}
        counted: set[tuple[str, int]] = set()
        for passage in passages:
            if passage.where == BODY:
                continue
            in_title = passage.where == TITLE
            for hit in self._scanner.find(passage.folded):
                for rule in self._rules[hit.phrase]:
                    says = (in_title or not rule.title_only) and (is_pair or not rule.pair_only)
                    if not says or (hit.phrase, id(rule)) in counted:
                        continue
                    counted.add((hit.phrase, id(rule)))
                    weight = rule.weight * (1 if in_title else _IN_SUMMARY)
                    sums[rule.event] += weight
                    if weight > best.get(rule.event, (0.0, ""))[0]:
                        best[rule.event] = (weight, passage.written(hit))
        if not sums:
            return Event.OTHER, ""
        event = max(sums, key=lambda e: (sums[e], self._rank[e]))
        return event, best[event][1]
