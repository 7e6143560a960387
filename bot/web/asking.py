"""Between addresses and what is wanted: ``/?maker=huawei&kind=deal&days=7``."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from bot.commands.timeline import Wanted
from bot.errors import InputInvalid
from bot.model import Event

DAYS = (1, 7, 30, 90)
"""Periods that can be chosen; others can be typed into the address."""

MAX_DAYS = 36_500
MAX_TEXT = 200
_NO_PAGE = "behind: this is no page of the time line"
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Query = Mapping[str, str]


def read_wanted(query: Query) -> Wanted:
    """Which stories an address asks for; what it does not know is passed over.

    Raises:
        InputInvalid: a value is none that can be asked for.
    """
    return Wanted(
        maker=read_text(query, "maker"),
        carrier=read_text(query, "carrier"),
        event=_event(read_text(query, "kind")),
        outlet=read_text(query, "outlet"),
        text=read_text(query, "text"),
        days=read_whole(query, "days", most=MAX_DAYS),
        is_pair=query.get("pairs", "") not in {"", "0"},
    )


def write_wanted(wanted: Wanted, **more: object) -> str:
    """The other way round: "?maker=huawei", or "" where nothing is asked for."""
    values: dict[str, object] = {
        "maker": wanted.maker,
        "carrier": wanted.carrier,
        "kind": wanted.event.value if wanted.event else "",
        "outlet": wanted.outlet,
        "text": wanted.text,
        "days": wanted.days or "",
        "pairs": "1" if wanted.is_pair else "",
        **more,
    }
    given = {name: value for name, value in values.items() if value not in {"", None}}
    return f"?{urlencode(given)}" if given else ""


def read_text(query: Query, name: str) -> str:
    """What somebody typed, "" where they did not.

    Raises:
        InputInvalid: it is too long, or there is something in it that nobody types: PostgreSQL
            takes no NUL.
    """
    text = query.get(name, "").strip()
    if len(text) > MAX_TEXT or not text.isprintable():
        raise InputInvalid(f"{name}: should be plain text of at most {MAX_TEXT} characters")
    return text


def read_whole(query: Query, name: str, *, most: int) -> int:
    """A count, 0 where there is none.

    Raises:
        InputInvalid: it is no number from 0 to ``most``.
    """
    said = read_text(query, name) or "0"
    if not (said.isascii() and said.isdecimal() and len(said) < 10 and int(said) <= most):
        raise InputInvalid(f"{name}: should be a whole number of at most {most}")
    return int(said)


def write_behind(behind: tuple[datetime, str]) -> str:
    """Where the next page begins, as a word of an address."""
    told = f"{(behind[0] - _EPOCH) // _MICROSECOND}.{behind[1]}"
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read_behind_or_none(query: Query) -> tuple[datetime, str] | None:
    """The other way round.

    Raises:
        InputInvalid: it was not written by ``write_behind``.
    """
    said = read_text(query, "behind")
    if not said:
        return None
    try:
        told = base64.b64decode(said + "=" * (-len(said) % 4), altchars=b"-_", validate=True)
        number, _, story_id = told.decode().partition(".")
        behind = _EPOCH + int(number) * _MICROSECOND, story_id
    except (ValueError, OverflowError, binascii.Error) as error:
        raise InputInvalid(_NO_PAGE) from error
    if not story_id.isprintable():
        raise InputInvalid(_NO_PAGE)
    return behind


def _event(said: str) -> Event | None:
    try:
        return Event(said) if said else None
    except ValueError as error:
        raise InputInvalid(f'kind: there is no kind "{said}" of events') from error
