"""A feed's text cut into what stands before its items, the items, and what stands behind.

Pure, and linear in the length of any text. A cut is only made where there is no doubt about
it: in everything else the answer is None, and the document is read as one piece.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

MAX_CHUNKS = 1_000
"""A document with more items is an archive: it is read whole, and nothing is kept of it."""

DIGEST_SIZE = 8  # bytes

_TOKEN = re.compile(r"<(?:(!--)|(!\[CDATA\[)|(\?)|(/?(?:item|entry))(?=[\s/>]))")
_ENDS = ("-->", "]]>", "?>")  # of the first three
_START_TAG = re.compile(r"<(?:item|entry)(?:\s[^<>]*)?(?<!/)>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NAMESPACE = re.compile(r"""\bxmlns(?::([\w.-]+))?\s*=\s*("[^"<]*"|'[^'<]*')""")


@dataclass(frozen=True, slots=True)
class Chunks:
    """A document in pieces, each with its tags and sections closed.

    Attributes:
        head: up to the first item.
        items: each from its start tag to its end tag.
        gaps: what stands between them where that is a remark, and behind the last of them
            up to the end.
        digests: one for each item, of all its characters.
    """

    head: str
    items: tuple[str, ...]
    gaps: str
    digests: tuple[bytes, ...]

    def join(self, places: Iterable[int]) -> str:
        """The document with the items at ``places`` alone."""
        return "".join((self.head, *(self.items[place] for place in places), self.gaps))


def digest(text: str) -> bytes:
    """What tells one item from another, and an item from its edited form."""
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_SIZE).digest()


def split_items(text: str) -> Chunks | None:
    """``text``, an XML document without forbidden characters, in pieces; None in doubt.

    In doubt are tags that do not match, items inside items, sections and remarks without an
    end, a section begun inside a remark, anything but remarks between two items, and
    namespaces whose meaning one item could change for another.
    """
    spans = _find_spans(text)
    if not spans or len(spans) > MAX_CHUNKS:
        return None
    gaps = [text[end:start] for (_, end), (start, _) in itertools.pairwise(spans)]
    remarks = [gap for gap in gaps if gap and not gap.isspace()]
    if any(_COMMENT.sub("", gap).strip() for gap in remarks):
        return None
    head = text[: spans[0][0]]
    if not _are_namespaces_plain(text, len(head)):
        return None
    items = tuple(text[start:end] for start, end in spans)
    tail = text[spans[-1][1] :]
    return Chunks(head, items, "".join((*remarks, tail)), tuple(map(digest, items)))


def _find_spans(text: str) -> list[tuple[int, int]] | None:
    """Start and end of each item."""
    spans: list[tuple[int, int]] = []
    name, start, at = "", -1, 0
    while token := _TOKEN.search(text, at):
        if token.lastindex != 4:
            at = _skip(text, token)
            if at < 0:
                return None
            continue
        found = token[4]
        if found[0] != "/":
            tag = _START_TAG.match(text, token.start())
            if start >= 0 or not tag or (name and found != name):
                return None
            name, start, at = found, token.start(), tag.end()
            continue
        at = text.find(">", token.end()) + 1
        if start < 0 or found[1:] != name or text[token.end() : at - 1].strip() or not at:
            return None
        spans.append((start, at))
        start = -1
    return spans if start < 0 else None


def _skip(text: str, opening: re.Match[str]) -> int:
    """Where the remark, section or instruction ends that begins there; -1 where in doubt."""
    end = _ENDS[(opening.lastindex or 1) - 1]
    at = text.find(end, opening.end())
    if at < 0 or (end != "]]>" and "<![CDATA[" in text[opening.end() : at]):
        return -1
    return at + len(end)


def _are_namespaces_plain(text: str, head_ends: int) -> bool:
    """Whether no namespace declared in or behind an item can change what another item means.

    feedparser never forgets a prefix, so one that is declared in an item must mean the same
    wherever it stands, and nothing else may mean that.
    """
    if text.find("xmlns", head_ends) < 0:
        return True
    before = {
        (found[1], found[2][1:-1].lower()) for found in _NAMESPACE.finditer(text, 0, head_ends)
    }
    within = {(found[1], found[2][1:-1].lower()) for found in _NAMESPACE.finditer(text, head_ends)}
    everywhere = before | within
    prefixes = Counter(prefix for prefix, _ in everywhere if prefix)
    names = Counter(name for _, name in everywhere)
    return all(
        (not prefix or prefixes[prefix] == 1) and names[name] == 1
        for prefix, name in within - before
    )
