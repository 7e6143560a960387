"""How people write times and names, and what we say when we do not understand."""

from __future__ import annotations

import difflib
import re
from datetime import datetime, timedelta

from bot.errors import InputInvalid
from bot.model import Catalogue

_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_SPAN = re.compile(r"(\d{1,6})\s*([a-z])[a-z]*")


def parse_since(text: str, *, now: datetime) -> datetime:
    """The moment ``text`` reaches back to: "36h", "7d", "2 weeks" or a date "2018-01-08".

    Raises:
        InputInvalid: it is neither, or lies before the calendar begins.
    """
    said = text.strip().lower()
    span = _SPAN.fullmatch(said)
    try:
        if span and span[2] in _UNITS:
            return now - int(span[1]) * _UNITS[span[2]]
        day = datetime.fromisoformat(said)
    except (ValueError, OverflowError):
        raise InputInvalid(
            f'I can\'t read "{text}" as a time. Write a span like 36h, 7d or 2w, '
            f"or a date like {now:%Y-%m-%d}."
        ) from None
    return day if day.tzinfo else day.replace(tzinfo=now.tzinfo)


def find_company(said: str, catalogue: Catalogue) -> str:
    """The id of the company ``said`` names, by id, name or any alias, in any case.

    Raises:
        InputInvalid: nobody goes by that name; the nearest names are suggested.
    """
    names = _spellings(catalogue)
    wanted = said.strip().casefold()
    if wanted in names:
        return names[wanted]
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.7)
    meant = list(dict.fromkeys(catalogue.name_of(names[one]) for one in near))
    hint = f"Did you mean {' or '.join(meant)}? " if meant else ""
    raise InputInvalid(f'I don\'t know "{said}". {hint}`newsbot companies` lists them all.')


def _spellings(catalogue: Catalogue) -> dict[str, str]:
    names: dict[str, str] = {}
    for company in catalogue.companies.values():
        for alias in company.aliases:
            names.setdefault(alias.text.casefold(), company.id)
    for company in catalogue.companies.values():
        names[company.name.casefold()] = company.id
        names[company.id.casefold()] = company.id
    return names
