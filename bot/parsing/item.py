"""What a format's reader hands over: strings as published, before any of our rules."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

MAX_ITEMS = 10_000
"""Items of a document that are read, the first ones; ten times those of any feed we have seen.
Readers stop behind one more, by which it shows that there are others."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item as it stands in the document; "" for what is missing.

    Attributes:
        summary, content: text or HTML.
        published: the date as written.
        published_otherwise: another parser's reading of it in UTC, or None.
        outlet_name, outlet_url: the outlet an aggregator took it from.
    """

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    published: str = ""
    published_otherwise: time.struct_time | None = None
    outlet_name: str = ""
    outlet_url: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as it stands in the document.

    Attributes:
        base: what relative links are resolved against, itself relative to the feed's address.
        lang: BCP 47, or "".
        interval_s: between polls as the publisher wishes, in seconds, or None.
        flaw: one line on what is wrong with it, or "".
        hub, topic: addresses as written, or "".
        context: all that the reading of each item depended on besides its own text; None
            where that cannot be told.
    """

    title: str = ""
    base: str = ""
    lang: str = ""
    items: tuple[Item, ...] = ()
    interval_s: float | None = None
    flaw: str = ""
    hub: str = ""
    topic: str = ""
    context: tuple[object, ...] | None = None


class Source(Protocol):
    """A document that has been opened and not yet read.

    Attributes:
        digests: of each item's own text, in order; empty where the items cannot be told
            apart without reading the document.
    """

    @property
    def digests(self) -> tuple[bytes, ...]: ...  # noqa: D102

    def read(self) -> Document:
        """All of it.

        Raises:
            FeedUnreadable: no feed in it, or too broken to read; the message does not name
                the address.
        """
        ...

    def read_items(self, places: Sequence[int]) -> Document | None:
        """The document with these of its items alone; None unless each reads as in the whole."""
        ...
