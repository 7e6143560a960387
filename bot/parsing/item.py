"""What a format's reader hands over: strings as published, before any of our rules."""

from __future__ import annotations

import time
from dataclasses import dataclass


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
    """

    title: str = ""
    base: str = ""
    lang: str = ""
    items: tuple[Item, ...] = ()
    interval_s: float | None = None
