"""Whether Slack would take a message, and what it would make of its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.platforms.preview.markdown import Node
from bot.platforms.preview.mrkdwn import parse
from bot.platforms.slack.blocks import weigh
from bot.platforms.slack.drawn import Drawn
from bot.prose.fitting import units
from tests.servers.slack.blocks import MOST_CHARACTERS, review_blocks
from tests.servers.slack.mrkdwn import find_faults

CAUSED = frozenset(
    {"call", "channel", "code", "emoji", "emphasis", "fence", "group", "quote", "unknown", "user"}
)
"""What a post has no use for itself: where it is found, somebody's text caused it."""

MARKS = {"PAIR", "CONFIRMED", "DENIED", "REVERSED", "MERGED"}


def assert_taken(drawn: Drawn) -> None:
    """The message breaks no rule of Slack's, written down or not."""
    assert_blocks_taken(drawn.blocks)
    review = review_blocks(list(drawn.blocks), surface="message")
    assert review.size <= 12_000 < MOST_CHARACTERS
    assert 1 <= len(drawn.blocks) <= 50
    assert weigh(drawn.blocks) <= 12_000
    assert drawn.text.strip()
    assert units(drawn.text) <= 3000
    assert not _complaints(find_faults(drawn.text))


def assert_blocks_taken(blocks: Iterable[Mapping[str, Any]], *, surface: str = "message") -> None:
    """Each block is as Slack wants it, and its texts are written as they should be."""
    review = review_blocks(list(blocks), surface=surface)
    assert not review.problems
    assert not _complaints(review.complaints)


def _complaints(found: Iterable[str]) -> list[str]:
    """Those that are ours: where a feed says "&amp;", a reader shall see just that."""
    return [one for one in found if "escaped twice: " not in one]


def texts_of(drawn: Drawn | Sequence[dict[str, Any]]) -> list[str]:
    """The pieces of mrkdwn in order, of sections and contexts."""
    blocks = drawn.blocks if isinstance(drawn, Drawn) else drawn
    found = []
    for block in blocks:
        if block["type"] == "section":
            found.append(block["text"]["text"])
        elif block["type"] == "context":
            found += [one["text"] for one in block["elements"]]
    return found


def buttons_of(drawn: Drawn) -> list[dict[str, Any]]:
    rows = (block for block in drawn.blocks if block["type"] == "actions")
    return [button for row in rows for button in row["elements"]]


def nodes_of(texts: Iterable[str]) -> list[Node]:
    """Every node of ``texts``, nested ones too."""
    return [node for text in texts for node in _flat(parse(text))]


def _flat(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _flat(node.children)
