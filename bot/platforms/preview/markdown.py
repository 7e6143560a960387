"""Discord's markdown read as its clients read it, into a tree.

Rules are tried in order at each place, and the first that fits takes its text; what no rule
takes is text up to the next sign. That is how simple-markdown works, on which the clients are
built; the expressions are those of its rules with Discord's own added. A link's label is found
without regard to escapes, as there.

Source: Discord API documentation, "Message Formatting"; Discord's support pages, "Markdown Text
101"; Khan Academy's simple-markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_DEPTH = 30
"""Marks within marks; what is nested deeper stays as it is typed."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a text.

    Attributes:
        kind: "text" for plain text, else the name of the rule that took it.
        text: what it says, of those that have no children.
        target: an address, an id, a level or a style.
        children: what stands inside.
    """

    kind: str
    text: str = ""
    target: str = ""
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    """An expression whose groups "in", "text" and "target" are those of a node.

    Attributes:
        at_start: only at the start of a line.
    """

    kind: str
    pattern: re.Pattern[str]
    at_start: bool = False


def _rule(kind: str, pattern: str, *, at_start: bool = False) -> _Rule:
    return _Rule(kind, re.compile(pattern), at_start)


_LABEL = r"(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*"
_TARGET = r"\s*<?(?P<target>(?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"][\s\S]*?['\"])?\s*"
_SIGN = r"[^0-9A-Za-z\s\u00c0-\uffff]"
_RULES = (
    _rule("heading", r"(?P<target>#{1,3}) +(?P<in>(?:\\.|[^\\\n])+?) *#*(?:\n|\Z)", at_start=True),
    _rule("small", r"-# +(?P<in>[^\n]+)(?:\n|\Z)", at_start=True),
    _rule("fence", r"```(?:[a-z0-9_+\-.#]+?\n)?\n*(?P<text>[^\n][\s\S]*?)\n*```(?:\n|\Z)?"),
    _rule("quote", r" *>>> ?(?P<in>[\s\S]+)", at_start=True),
    _rule("quote", r" *> (?P<in>[^\n]*)(?:\n|\Z)", at_start=True),
    _rule("item", r" *(?:[*+-]|(?P<target>\d+)\.) +(?P<in>[^\n]+)(?:\n|\Z)", at_start=True),
    _rule("escape", r"\\(?P<text>[^0-9A-Za-z\s])"),
    _rule("timestamp", r"<t:(?P<text>-?\d{1,17})(?::(?P<target>[tTdDfFRsS]))?>"),
    _rule("user", r"<@!?(?P<target>\d+)>"),
    _rule("role", r"<@&(?P<target>\d+)>"),
    _rule("channel", r"<#(?P<target>\d+)>"),
    _rule("command", r"</(?P<text>[^:>\n]+):(?P<target>\d+)>"),
    _rule("emoji", r"<a?:(?P<text>\w{2,}):(?P<target>\d+)>"),
    _rule("navigation", r"<id:(?P<text>\w+)>"),
    _rule("address", r"<(?P<text>[^: >]+:/[^ >]+)>"),
    _rule("address", r"<(?P<text>[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+|\+\d[\d -]{3,})>"),
    _rule("everyone", r"(?P<text>@everyone|@here)"),
    _rule("address", r"(?P<text>(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s])"),
    _rule("link", rf"\[(?P<in>{_LABEL})\]\({_TARGET}\)"),
    _rule("emoji", r":(?P<text>[^\s:]+?(?:::skin-tone-\d)?):"),
    _rule("spoiler", r"\|\|(?P<in>[\s\S]+?)\|\|"),
    _rule("code", r"(?P<target>`+)(?P<text>[\s\S]*?[^`])(?P=target)(?!`)"),
    _rule("strong", r"\*\*(?P<in>(?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    _rule("underline", r"__(?P<in>(?:\\[\s\S]|[^\\])+?)__(?!_)"),
    _rule("emphasis", r"_(?P<in>(?:__|\\[\s\S]|[^\\_])+?)_\b"),
    _rule(
        "emphasis",
        r"\*(?=\S)(?P<in>(?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)",
    ),
    _rule("strike", r"~~(?P<in>[\s\S]+?)~~"),
    _rule("break", r"\n"),
    _rule("text", rf"(?P<text>[\s\S]+?)(?={_SIGN}|\n|\w{{1,16}}:\S|\Z)"),
)


def parse(text: str) -> tuple[Node, ...]:
    """``text`` as a tree; text that nothing parts is one node."""
    return tuple(join_texts(_read(text, is_top=True, depth=0)))


def tell(nodes: Iterable[Node]) -> str:
    """The letters that a reader sees; of what a client fills in (a name, a time) nothing."""
    return "".join(
        "\n" if node.kind == "break" else node.text + tell(node.children) for node in nodes
    )


def _read(text: str, *, is_top: bool, depth: int) -> Iterator[Node]:
    if depth > MAX_DEPTH:
        yield Node("text", text)
        return
    place = 0
    while place < len(text):
        at_start = is_top and (place == 0 or text[place - 1] == "\n")
        for rule in _RULES:
            if rule.at_start and not at_start:
                continue
            found = rule.pattern.match(text, place)
            if found and found.end() > place:
                yield _node(rule, found, depth)
                place = found.end()
                break


def _node(rule: _Rule, found: re.Match[str], depth: int) -> Node:
    groups = found.groupdict()
    inside = groups.get("in")
    is_top = rule.kind == "quote"
    children = join_texts(_read(inside, is_top=is_top, depth=depth + 1)) if inside else ()
    kind = "text" if rule.kind == "escape" else rule.kind
    return Node(kind, groups.get("text") or "", groups.get("target") or "", tuple(children))


def join_texts(nodes: Iterable[Node]) -> Iterator[Node]:
    """Neighbours that are plain text as one."""
    said = ""
    for node in nodes:
        if node.kind == "text":
            said += node.text
            continue
        if said:
            yield Node("text", said)
            said = ""
        yield node
    if said:
        yield Node("text", said)
