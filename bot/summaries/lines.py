"""Summaries of JSON objects, for whoever reads a file of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.model import Match
from bot.summaries.lead import MAX_READ, find_names, summarise

_FRONT = 1_000
"""Characters in which a text names somebody if it is about anybody: some eight sentences."""


def summary_line(item: Mapping[str, Any], match: Callable[[str, str], Match]) -> dict[str, Any]:
    """One JSON object in, ``{"id", "summary"}`` out.

    The text is "article", else "sentences" joined, else "desc"; "title" where present.
    ``match`` takes title and text, and says who is named in them; nothing else of its verdict
    is read. It is given what can be chosen from, and no more than the front where that and
    the title name nobody.
    """
    title = str(item.get("title") or "")
    sentences = " ".join(item.get("sentences") or ())
    text = str(item.get("article") or sentences or item.get("desc") or "")
    found = match(title, text[:_FRONT])
    if found.mentions and len(text) > _FRONT:
        found = match(title, text[:MAX_READ])
    return {"id": item.get("id"), "summary": summarise(text, title=title, names=find_names(found))}
