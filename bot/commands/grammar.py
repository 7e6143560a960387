"""How people write times and names, and what we say when we do not understand."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.spans import find_span_or_none
from bot.errors import InputInvalid
from bot.matching import find_known, watch_key
from bot.model import Catalogue, Platform

_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_SPAN = re.compile(r"(\d{1,6})\s*([a-z])[a-z]*")


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do next, as whoever reads it can do it.

    Attributes:
        companies: where names are found that we know; a sentence.
        stories: where ids of stories are found; the end of a sentence.
        feeds: where addresses of feeds are found; a sentence.
    """

    companies: str
    stories: str
    feeds: str


_AT_THE_CONSOLE = Advice(
    companies="`newsbot companies` lists them all.",
    stories="`newsbot recent` lists stories with their ids",
    feeds="`newsbot feeds list` shows them all.",
)
_IN_A_CHAT = Advice(
    companies="/watch add has it looked for from now on.",
    stories="/news recent lists stories with their ids",
    feeds="/feeds list shows them all.",
)


def advise(platform: Platform | None) -> Advice:
    """The advice for people of ``platform``; None is the operator, at the console."""
    return _AT_THE_CONSOLE if platform in {None, Platform.CONSOLE} else _IN_A_CHAT


def parse_since(text: str, *, now: datetime) -> datetime:
    """The moment ``text`` reaches back to: "36h", "7d", "2 weeks", "Monday", "2018-01-08".

    Raises:
        InputInvalid: it is none of these, or lies before the calendar begins.
    """
    said = " ".join(text.lower().split())
    span = _SPAN.fullmatch(said)
    try:
        if span and span[2] in _UNITS:
            return now - int(span[1]) * _UNITS[span[2]]
        day = datetime.fromisoformat(said)
    except (ValueError, OverflowError):
        for whole in (f"since {said}", f"自{said}", said):
            found = find_span_or_none(whole.casefold(), now=now)
            if found and (found.start, found.end) == (0, len(whole)):
                return found.span.since
        raise InputInvalid(
            f'I can\'t read "{text}" as a time. Write a span like 36h, 7d or 2w, '
            f"or a date like {now:%Y-%m-%d}."
        ) from None
    return day if day.tzinfo else day.replace(tzinfo=now.tzinfo)


def find_company(said: str, catalogue: Catalogue, *, platform: Platform | None = None) -> str:
    """The id of the company ``said`` names, by id, name or any alias, in any case.

    Args:
        platform: where the question came from, for the advice; see ``advise``.

    Raises:
        InputInvalid: nobody goes by that name; the nearest names are suggested.
    """
    if known := find_company_or_none(said, catalogue):
        return known
    meant = find_near_names(said, catalogue)
    hint = f"Did you mean {' or '.join(meant)}? " if meant else ""
    raise InputInvalid(f'I don\'t know "{said}". {hint}{advise(platform).companies}')


def find_company_or_none(said: str, catalogue: Catalogue) -> str | None:
    """The id of the company ``said`` names, accents, hyphens and "Corp." apart."""
    wanted = " ".join(said.split())
    known = company_spellings(catalogue).get(wanted.casefold())
    return known or (find_known(wanted, catalogue) if watch_key(wanted) else "") or None


def find_near_names(said: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Names of companies that are spelled nearly like ``said``, the nearest first."""
    names = company_spellings(catalogue)
    near = difflib.get_close_matches(said.strip().casefold()[:80], names, n=3, cutoff=0.7)
    return tuple(dict.fromkeys(catalogue.name_of(names[one]) for one in near))


def company_spellings(catalogue: Catalogue) -> dict[str, str]:
    """The id behind each case-folded alias, name and id; names go before aliases."""
    names: dict[str, str] = {}
    for company in catalogue.companies.values():
        for alias in company.aliases:
            names.setdefault(alias.text.casefold(), company.id)
    for company in catalogue.companies.values():
        names[company.name.casefold()] = company.id
        names[company.id.casefold()] = company.id
    return names
