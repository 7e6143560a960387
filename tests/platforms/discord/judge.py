"""Whether Discord would take a message, and what it would make of its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.platforms.discord.components import IS_COMPONENTS_V2, SUPPRESS_EMBEDS, Drawn, walk
from bot.platforms.preview.markdown import Node, parse
from bot.prose.fitting import units
from tests.servers.discord.bodies import check
from tests.servers.discord.schema import load_schemas

CREATE = ("POST", "/channels/{channel_id}/messages")
EDIT = ("PATCH", "/channels/{channel_id}/messages/{message_id}")

CAUSED = frozenset(
    {
        "address",
        "channel",
        "code",
        "emoji",
        "emphasis",
        "everyone",
        "fence",
        "item",
        "navigation",
        "quote",
        "role",
        "spoiler",
        "underline",
        "user",
        "command",
    }
)
"""What a post has no use for itself: where it is found, somebody's text caused it."""


def assert_taken(drawn: Drawn) -> None:
    """The message, new or as an edit, breaks no rule of the API."""
    body = drawn.as_body()
    for kind, (method, path) in {"create": CREATE, "edit": EDIT}.items():
        check(body, kind=kind)
        if schemas := load_schemas():
            assert not schemas.find_problems(method, path, body)
    assert sum(map(units, texts_of(drawn))) <= 4000
    assert all(text.strip() for text in texts_of(drawn))
    assert units(drawn.content) <= 2000
    assert drawn.flags == (SUPPRESS_EMBEDS if drawn.content else IS_COMPONENTS_V2)
    assert bool(drawn.content) == all(one["type"] == 1 for one in drawn.components)
    assert len(list(walk(drawn.components))) <= 40


def texts_of(drawn: Drawn) -> list[str]:
    """The pieces of text in order; the words of an ordinary message are one."""
    if drawn.content:
        return [drawn.content]
    return [one["content"] for one in walk(drawn.components) if one["type"] == 10]


def buttons_of(drawn: Drawn) -> list[dict[str, Any]]:
    return [one for one in walk(drawn.components) if one["type"] == 2]


def nodes_of(texts: Iterable[str]) -> list[Node]:
    """Every node of ``texts``, nested ones too."""
    return [node for text in texts for node in _flat(parse(text))]


def _flat(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _flat(node.children)
