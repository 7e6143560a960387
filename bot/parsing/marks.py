"""The marks of a document: by these its items are known again, and read again only if changed.

Bytes of our own making, kept with the feed. Whoever reads them trusts nothing in them: what
is not to the letter what this version writes counts as no marks at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from bot.parsing.chunks import DIGEST_SIZE
from bot.parsing.identity import Choice, Digests, Form, Names

VERSION = b"\x01"
"""Raised with every change of how an item becomes an entry: then all is read anew."""

CONTEXT_SIZE = 16  # bytes
_NAME_SIZE = 6  # bytes; of a thousand items two collide by chance once in 500 million documents
_NAMES = 5
_ITEM_SIZE = DIGEST_SIZE + 1 + _NAMES * _NAME_SIZE
_NOTHING = bytes(_NAME_SIZE)
_WITH_SAME = 4
_SILENT = 8


class Mark(NamedTuple):
    """One item as the document before had it.

    Attributes:
        names: what it can be told apart by; None for an item that says nothing.
        choice: by what it was known in that document.
    """

    names: Digests | None
    choice: Choice


def digest_context(*facts: object) -> bytes:
    """Of what the meaning of every item depends on."""
    text = "\0".join(map(repr, facts))
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=CONTEXT_SIZE).digest()


def digest_names(names: Names) -> Digests:
    """``names`` in the form in which marks keep them."""
    return Digests(
        item=_digest(names.item),
        guid=None if names.guid is None else _digest(names.guid),
        link=None if names.link is None else _digest(names.link),
        text=bytes.fromhex(names.text[-2 * _NAME_SIZE :]),  # these two are digests already
        same=None if names.same is None else bytes.fromhex(names.same[-2 * _NAME_SIZE :]),
    )


def write_marks(context: bytes, items: Mapping[bytes, Mark]) -> bytes:
    """The marks of a document: its items by the digest of their text, in order."""
    pieces = [VERSION, context]
    for digest, (names, choice) in items.items():
        flags = choice.form | (_WITH_SAME if choice.with_same else 0)
        if names is None:
            pieces += (digest, bytes([flags | _SILENT]), _NOTHING * _NAMES)
        else:
            pieces += (digest, bytes([flags]), *(name or _NOTHING for name in names))
    return b"".join(pieces)


def read_marks(seen: bytes) -> tuple[bytes, Mapping[bytes, Mark]]:
    """The context that ``seen`` stands for, and its items by digest; b"" and none in doubt."""
    start = len(VERSION) + CONTEXT_SIZE
    if not seen.startswith(VERSION) or len(seen) < start or (len(seen) - start) % _ITEM_SIZE:
        return b"", {}
    items = {}
    for at in range(start, len(seen), _ITEM_SIZE):
        key, flags = seen[at : at + DIGEST_SIZE], seen[at + DIGEST_SIZE]
        names_at = at + DIGEST_SIZE + 1
        item, guid, link, text, same = (
            seen[place : place + _NAME_SIZE]
            for place in range(names_at, at + _ITEM_SIZE, _NAME_SIZE)
        )
        names = Digests(item, _found(guid), _found(link), text, _found(same))
        choice = Choice(Form(flags & 3), bool(flags & _WITH_SAME))
        items[key] = Mark(None if flags & _SILENT else names, choice)
    return seen[len(VERSION) : start], items


def _found(name: bytes) -> bytes | None:
    return None if name == _NOTHING else name


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=_NAME_SIZE).digest()
