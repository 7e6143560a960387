"""Why we think so, in plain lines: what was seen and where, what settled it, what was rejected.

The lines are kept with every entry and read by people who know neither the code nor the
catalogue. Their number is bounded however long the text is: one a company and field, with a
count, and ``MAX_NAMES`` names of either kind. Characters are counted from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.matching.scanner import scanned
from bot.model import Match, Mention, Pair, Rejection

MAX_NAMES = 40
MAX_FORMS = 3  # ways to write one name that are told

_T = TypeVar("_T", Mention, Rejection)


@dataclass(frozen=True, slots=True)
class Reasons:
    """The lines by what they are about; () where there is nothing to say."""

    named: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    pair: tuple[str, ...] = ()
    relevance: tuple[str, ...] = ()
    event: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All of them, in this order."""
        return self.named + self.rejected + self.pair + self.relevance + self.event


def give_reasons(match: Match, name_of: Callable[[str], str]) -> Reasons:
    """Why ``match`` is as it is."""
    named = (_tell_mention(found, name_of) for found in _group(match.mentions))
    rejected = (_tell_rejection(found, name_of) for found in _group(match.rejections))
    return Reasons(
        named=_bounded(named),
        rejected=_bounded(rejected),
        pair=(tell_pair(match.pair, name_of),) if match.pair else (),
        relevance=tuple(filter(None, (match.relevance, _tell_watched(match, name_of)))),
        event=(match.event_reason,) if match.event_reason else (),
    )


def tell_verdict(match: Match, name_of: Callable[[str], str]) -> str:
    """The verdict in one sentence."""
    who = _listed(match.companies, name_of)
    if not who:
        return "Not flagged: no watched company is named."
    if not match.relevant and match.watched:
        watched = _listed(match.watched, name_of)
        return f"Flagged for those who watch {watched}; event: {match.event.label}."
    if not match.relevant:
        return f"Not flagged: it names {who}; {match.relevance}."
    pair = ", a pair" if match.is_pair else ""
    return f"Flagged: {who}{pair}; event: {match.event.label}."


def hide_names(lines: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Of ``lines`` that were kept, those that give away none of ``names``.

    A line that holds a name for another reason goes too: too little is told, never too much.
    """
    hidden = [name.casefold() for name in names]
    return tuple(line for line in lines if not any(name in line.casefold() for name in hidden))


def tell_pair(pair: Pair, name_of: Callable[[str], str]) -> str:
    """One line on how close the two are, and the words that hold both."""
    kind = "passing pair, which flags nothing" if pair.is_passing else "pair"
    one, other = pair.maker.where, pair.carrier.where
    if pair.is_one_sentence:
        place = f"in one sentence of the {one}"
    elif one == other:
        place = f"in neighbouring sentences of the {one}"
    else:
        place = f"across {one} and {other}"
    who = f"{name_of(pair.maker.company)} and {name_of(pair.carrier.company)}"
    apart = "1 character" if pair.gap == 1 else f"{pair.gap} characters"
    return f"{kind}: {who}, {apart} apart, {place}: “{pair.sentence}”"


def _group(found: Iterable[_T]) -> list[Sequence[_T]]:
    """What was found, by company and field, in order of the first."""
    groups: dict[tuple[str, str], list[_T]] = {}
    for one in found:
        groups.setdefault((one.company, one.where), []).append(one)
    return list(groups.values())


def _bounded(lines: Iterable[str]) -> tuple[str, ...]:
    told = tuple(lines)
    rest = len(told) - MAX_NAMES
    return (*told[:MAX_NAMES], f"and {rest} more") if rest > 0 else told


def _tell_watched(match: Match, name_of: Callable[[str], str]) -> str:
    if not match.watched:
        return ""
    return f"news for those who watch {_listed(match.watched, name_of)}: named up front"


def _listed(companies: Sequence[str], name_of: Callable[[str], str]) -> str:
    return ", ".join(map(name_of, companies[:MAX_NAMES]))


def _tell_mention(found: Sequence[Mention], name_of: Callable[[str], str]) -> str:
    first, name = found[0], name_of(found[0].company)
    forms, is_named = _forms(found, name)
    who = forms if is_named else f"{forms} ({name})"
    why = f'settled by "{first.cue}"' if first.cue else "the name itself"
    return f"{who} {_place(found)}: {first.role}; {why}"


def _tell_rejection(found: Sequence[Rejection], name_of: Callable[[str], str]) -> str:
    first, name = found[0], name_of(found[0].company)
    forms, is_named = _forms(found, name)
    who = "" if is_named else f" as {name}"
    return f'"{forms}" {_place(found)}, rejected{who}: {first.reason}'


def _forms(found: Sequence[Mention | Rejection], name: str) -> tuple[str, bool]:
    """How it is written, ``MAX_FORMS`` forms at most; whether its name is among these."""
    forms = {scanned(one.text): " ".join(one.text.split()) for one in reversed(found)}
    first = list(reversed(forms.items()))
    written = ", ".join(form for _, form in first[:MAX_FORMS])
    return written + (", …" if len(first) > MAX_FORMS else ""), scanned(name) in forms


def _place(found: Sequence[Mention | Rejection]) -> str:
    times = f"{len(found)} times from character" if len(found) > 1 else "character"
    return f"in the {found[0].where}, {times} {found[0].start + 1}"
