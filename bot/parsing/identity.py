"""Which entry is which: the keys under which an entry is known when it is listed again.

Publishers change guids, give one to all their items, leave them out, or list an item twice.
Nothing here trusts a date further than its day: dates are rewritten more often than headlines.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.model import Entry
from bot.parsing.urls import canonical_link

MAX_KEY = 200  # characters; the value of a longer key is hashed


def identify(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries of one document with their keys, in order, each item once.

    The decisive key is the guid, else the canonical link, else title and day. A guid or link
    that different items of the document share tells none of them apart, so all of them fall
    back to the next form. Beside the decisive key stands "same:", of link and title together:
    by it an item is known whose guid alone has changed.
    """
    distinct = _drop_repeats(entries)
    decisive = _choose_keys(distinct)
    same = [_same_key(entry) for entry in distinct]
    shared = {key for key, items in Counter(same).items() if items > 1}
    identified: dict[str, Entry] = {}
    for entry, first, second in zip(distinct, decisive, same, strict=True):
        keys = (first,) if second is None or second in shared else (first, second)
        identified.setdefault(first, replace(entry, keys=keys))
    return tuple(identified.values())


def list_keys(entry: Entry) -> tuple[str, ...]:
    """Every key that ``identify`` may have given ``entry``, the likeliest first."""
    keys = (_guid_key(entry), _link_key(entry), _text_key(entry), _same_key(entry))
    return tuple(key for key in keys if key is not None)


def _drop_repeats(entries: Iterable[Entry]) -> list[Entry]:
    """Each item once: the same guid, link and title, or the same text where none has either."""
    kept: dict[tuple[str | None, ...], Entry] = {}
    for entry in entries:
        named = entry.guid is not None or entry.link is not None
        item = (entry.guid, _link_key(entry), entry.title if named else _text_key(entry))
        kept.setdefault(item, entry)
    return list(kept.values())


def _choose_keys(entries: Sequence[Entry]) -> list[str]:
    """The decisive key of each: its first form that no other of these entries shares."""
    guids = [_guid_key(entry) for entry in entries]
    with_guid = Counter(guids)
    links = [
        _link_key(entry) if guid is None or with_guid[guid] > 1 else None
        for entry, guid in zip(entries, guids, strict=True)
    ]
    with_link = Counter(links)
    chosen = []
    for entry, guid, link in zip(entries, guids, links, strict=True):
        if guid is not None and with_guid[guid] == 1:
            chosen.append(guid)
        elif link is not None and with_link[link] == 1:
            chosen.append(link)
        else:
            chosen.append(_text_key(entry))
    return chosen


def _guid_key(entry: Entry) -> str | None:
    return None if entry.guid is None else _key("guid", entry.guid)


def _link_key(entry: Entry) -> str | None:
    return None if entry.link is None else _key("link", canonical_link(entry.link))


def _text_key(entry: Entry) -> str:
    """Of title and day; of title and summary where there is no date, or no title."""
    day = entry.published_at.date().isoformat() if entry.published_at else ""
    if day and entry.title:
        return f"title:{_hash(entry.title, day)}"
    return f"title:{_hash(entry.title, day, entry.summary)}"


def _same_key(entry: Entry) -> str | None:
    if entry.link is None or not entry.title:
        return None
    return f"same:{_hash(canonical_link(entry.link), entry.title)}"


def _key(form: str, value: str) -> str:
    key = f"{form}:{value}"
    return key if len(key) <= MAX_KEY else f"{form}:#{_hash(value)}"


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
