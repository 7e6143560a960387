"""Addresses of articles: the same article by two feeds, or under a new headline."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

_SLUG = re.compile(r"[^/]*(?:[-_][^/]*){2,}|[^/]*\d{5}[^/]*")


@lru_cache(maxsize=8192)
def make_link_key(link: str | None) -> str:
    """The address of an article without what differs between its copies, or "" for other pages.

    An article's address has a slug of three words or a number of five digits in its path;
    home pages, sections and players have neither, and their addresses say nothing.
    """
    try:
        parts = urlsplit(link or "")
        host = (parts.hostname or "").removeprefix("www.").removeprefix("amp.")
    except ValueError:
        return ""
    path = parts.path.rstrip("/").removesuffix("/amp")
    if not host or not any(_SLUG.fullmatch(part) for part in path.split("/")):
        return ""
    return f"{host}{path.lower()}"
