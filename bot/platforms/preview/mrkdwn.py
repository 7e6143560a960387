"""Slack's mrkdwn read as its clients read it, into a tree.

Between angle brackets stand links, mentions, calls and dates; three entities stand for the signs
that cannot be written; marks format what stands between two of them, where the first begins a
word and the second ends one. Where clients differ, or nobody has written down what they do, this
reader sees a mark rather than none: what it takes for plain text is plain text everywhere.

Source: Slack documentation, "Formatting text for app surfaces".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.platforms.preview.markdown import MAX_DEPTH, Node, join_texts

_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}


def _between(mark: str) -> re.Pattern[str]:
    """What stands between two marks: both at the edge of a word, both beside something."""
    sign = re.escape(mark)
    return re.compile(
        rf"(?<![0-9A-Za-z]){sign}(?=[^\s{sign}])(?P<in>[^\n]*?[^\s]){sign}(?![0-9A-Za-z])"
    )


_ENTITY = re.compile("|".join(_ENTITIES))
_QUOTE = ("quote", re.compile(r"(?:&gt;|>)+ ?(?P<in>[^\n]*)(?:\n|\Z)"))
_RULES: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "\n": (("break", re.compile(r"\n(?P<text>)")),),
    "`": (
        ("fence", re.compile(r"```\n?(?P<text>[\s\S]+?)\n?```\n?")),
        ("code", re.compile(r"`(?P<text>[^`\n]+)`")),
    ),
    "<": (("angles", re.compile(r"<(?P<text>[^<>\n]*)>")),),
    ":": (("emoji", re.compile(r":(?P<text>[\w+'’-]+(?:::skin-tone-\d)?):")),),
    ">": (_QUOTE,),
    "&": (_QUOTE, ("entity", _ENTITY)),
    "*": (("strong", _between("*")),),
    "_": (("emphasis", _between("_")),),
    "~": (("strike", _between("~")),),
}
"""By the sign that begins them; the first that fits takes its text."""

_PLAIN = re.compile(r"[^<>&:`*_~\n]+|[\s\S]")

_LINK = re.compile(r"(?P<target>(?:https?://|mailto:|tel:)[^|\s]+)(?:\|(?P<label>.*))?")
_MENTION = re.compile(r"(?P<sign>[@#])(?P<target>[A-Z0-9]+)(?:\|(?P<label>.*))?")
_GROUP = re.compile(r"!subteam\^(?P<target>[A-Z0-9]+)(?:\|(?P<label>.*))?")
_CALL = re.compile(r"!(?P<target>here|channel|everyone)(?:\|.*)?")
_DATE = re.compile(r"!date\^(?P<target>-?\d+\^[^|^]+)(?:\^[^|]+)?\|(?P<text>.+)")


def parse(text: str) -> tuple[Node, ...]:
    """``text`` as a tree; text that nothing parts is one node.

    Of kinds: text, break, fence, quote, code, emoji, strong, emphasis, strike; link, user,
    channel, group, call and date; "unknown" for angle brackets that Slack makes nothing of.
    """
    return tuple(join_texts(_read(text, is_top=True, depth=0)))


def decode(text: str) -> str:
    """``text`` with its three entities as the signs they stand for."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], text)


def _read(text: str, *, is_top: bool, depth: int) -> Iterator[Node]:
    place = 0
    while place < len(text):
        at_start = is_top and (place == 0 or text[place - 1] == "\n")
        node, place = _read_one(text, place, at_start=at_start, depth=depth)
        yield node


def _read_one(text: str, place: int, *, at_start: bool, depth: int) -> tuple[Node, int]:
    """The node that begins at ``place``, and where the next one begins."""
    for kind, pattern in _RULES.get(text[place], ()):
        if kind == "quote" and not at_start:
            continue
        if found := pattern.match(text, place):
            return _make(kind, found, depth), found.end()
    found = _PLAIN.match(text, place)
    assert found is not None, "any sign is plain text at least"
    return Node("text", found[0]), found.end()


def _make(kind: str, found: re.Match[str], depth: int) -> Node:
    match kind:
        case "entity":
            return Node("text", _ENTITIES[found[0]])
        case "angles":
            return _read_angles(found["text"], depth)
        case "fence" | "code":
            return Node(kind, decode(found["text"]))
        case "break" | "emoji":
            return Node(kind, found["text"])
        case _:
            return Node(kind, children=_read_inside(found["in"], depth))


def _read_inside(text: str, depth: int) -> tuple[Node, ...]:
    if depth >= MAX_DEPTH:
        return (Node("text", text),)
    return tuple(join_texts(_read(text, is_top=False, depth=depth + 1)))


def _read_angles(inside: str, depth: int) -> Node:
    """What Slack makes of what stands between angle brackets."""
    if found := _LINK.fullmatch(inside):
        target = decode(found["target"])
        label = _read_inside(found["label"], depth) if found["label"] else (Node("text", target),)
        return Node("link", target=target, children=label)
    if found := _MENTION.fullmatch(inside):
        kind = "user" if found["sign"] == "@" else "channel"
        return Node(kind, decode(found["label"] or ""), found["target"])
    if found := _GROUP.fullmatch(inside):
        return Node("group", decode(found["label"] or ""), found["target"])
    if found := _CALL.fullmatch(inside):
        return Node("call", f"@{found['target']}", found["target"])
    if found := _DATE.fullmatch(inside):
        return Node("date", decode(found["text"]), found["target"])
    return Node("unknown", inside)
