"""Which entry is which: the keys under which an entry is known when it is listed again.

Publishers change guids, give one to all their items, leave them out, or list an item twice.
Nothing here trusts a date further than its day: dates are rewritten more often than headlines.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from bot.model import Entry
from bot.parsing.urls import canonical_link

MAX_KEY = 200  # characters; the value of a longer key is hashed


class Names(NamedTuple):
    """Everything an entry can be told apart by; None for what it has not.

    Attributes:
        item: what is the same in a repetition of the item.
        guid, link, text: what its key can be, best first.
        same: the key that stands beside it.
    """

    item: str
    guid: str | None
    link: str | None
    text: str
    same: str | None


class Digests(NamedTuple):
    """``Names`` as the marks of a document keep them."""

    item: bytes
    guid: bytes | None
    link: bytes | None
    text: bytes
    same: bytes | None


class Form(IntEnum):
    """The form of an entry's decisive key; what is left out repeats another entry."""

    LEFT_OUT = 0
    GUID = 1
    LINK = 2
    TEXT = 3


class Choice(NamedTuple):
    """By what an entry is known beside the others of its document.

    Attributes:
        with_same: the key of link and title stands beside the decisive one.
    """

    form: Form
    with_same: bool = False


LEFT_OUT = Choice(Form.LEFT_OUT)


def list_keys(entry: Entry) -> tuple[str, ...]:
    """Every key that ``entry`` may have been given, the likeliest first."""
    names = find_names(entry)
    keys = (names.guid, names.link, names.text, names.same)
    return tuple(key for key in keys if key is not None)


def find_names(entry: Entry) -> Names:
    """What ``entry`` may be known by."""
    link = None if entry.link is None else canonical_link(entry.link)
    link_key = None if link is None else _key("link", link)
    text_key = _text_key(entry)
    is_named = entry.guid is not None or link is not None
    distinct = entry.title if is_named else text_key
    return Names(
        item="\0".join((_or_none(entry.guid), _or_none(link_key), distinct)),
        guid=None if entry.guid is None else _key("guid", entry.guid),
        link=link_key,
        text=text_key,
        same=f"same:{_hash(link, entry.title)}" if link is not None and entry.title else None,
    )


def choose(names: Sequence[Names | Digests | None]) -> list[Choice]:
    """By what each of a document's entries is known; None has nothing to be known by.

    The decisive key is the guid, else the canonical link, else title and day. A guid or link
    that different items of the document share tells none of them apart, so all of them fall
    back to the next form. Beside the decisive key stands "same:", of link and title together:
    by it an item is known whose guid alone has changed.
    """
    first: dict[str | bytes, tuple[int, Names | Digests]] = {}
    for place, one in enumerate(names):
        if one is not None:
            first.setdefault(one.item, (place, one))
    distinct = [one for _, one in first.values()]
    with_guid = Counter(one.guid for one in distinct)
    with_link = Counter(one.link for one in distinct if one.guid is None or with_guid[one.guid] > 1)
    with_same = Counter(one.same for one in distinct)
    chosen = [LEFT_OUT] * len(names)
    taken: set[str | bytes] = set()
    for place, one in first.values():
        form, key = Form.TEXT, one.text
        if one.guid is not None and with_guid[one.guid] == 1:
            form, key = Form.GUID, one.guid
        elif one.link is not None and with_link[one.link] == 1:
            form, key = Form.LINK, one.link
        if key not in taken:
            taken.add(key)
            chosen[place] = Choice(form, one.same is not None and with_same[one.same] == 1)
    return chosen


def with_keys(entry: Entry, names: Names, choice: Choice) -> Entry | None:
    """``entry`` with the keys of ``choice``; None where it is left out."""
    if choice.form is Form.LEFT_OUT:
        return None
    decisive = (names.guid, names.link, names.text)[choice.form - 1]
    keys = (decisive, names.same) if choice.with_same else (decisive,)
    return Entry(  # ``replace`` takes five times as long
        keys=tuple([key for key in keys if key is not None]),
        guid=entry.guid,
        link=entry.link,
        title=entry.title,
        summary=entry.summary,
        body=entry.body,
        published_at=entry.published_at,
        outlet_name=entry.outlet_name,
        outlet_url=entry.outlet_url,
    )


def _or_none(text: str | None) -> str:
    return "" if text is None else f"={text}"


def _text_key(entry: Entry) -> str:
    """Of title and day; of title and summary where there is no date, or no title."""
    day = entry.published_at.date().isoformat() if entry.published_at else ""
    if day and entry.title:
        return f"title:{_hash(entry.title, day)}"
    return f"title:{_hash(entry.title, day, entry.summary)}"


def _key(form: str, value: str) -> str:
    key = f"{form}:{value}"
    return key if len(key) <= MAX_KEY else f"{form}:#{_hash(value)}"


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
