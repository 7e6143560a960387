"""Slack's mrkdwn is read as its documentation says."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.platforms.preview.markdown import Node, tell
from bot.platforms.preview.mrkdwn import decode, parse
from tests.platforms.hostile import texts


def plain(text: str) -> Node:
    return Node("text", text)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("*bold*", [Node("strong", children=(plain("bold"),))]),
        ("_it_", [Node("emphasis", children=(plain("it"),))]),
        ("~no~", [Node("strike", children=(plain("no"),))]),
        (
            "*a _b_ c*",
            [
                Node(
                    "strong",
                    children=(plain("a "), Node("emphasis", children=(plain("b"),)), plain(" c")),
                )
            ],
        ),
        ("a*b*c, 5 * 3 * 2", [plain("a*b*c, 5 * 3 * 2")]),
        ("snake_case_name", [plain("snake_case_name")]),
        ("*no\nend*", [plain("*no"), Node("break"), plain("end*")]),
        ("`a *b*`", [Node("code", "a *b*")]),
        ("```\na &lt; b\n```", [Node("fence", "a < b")]),
        (":wave: 12:30", [Node("emoji", "wave"), plain(" 12:30")]),
        ("&gt; quote\nno", [Node("quote", children=(plain("quote"),)), plain("no")]),
        ("5 &gt; 3 &amp;amp;", [plain("5 > 3 &amp;")]),
        (
            "<https://a.example/?a&amp;b|x *y*>",
            [
                Node(
                    "link",
                    target="https://a.example/?a&b",
                    children=(plain("x "), Node("strong", children=(plain("y"),))),
                )
            ],
        ),
        (
            "<https://a.example>",
            [Node("link", target="https://a.example", children=(plain("https://a.example"),))],
        ),
        ("<@U1> <#C1|news>", [Node("user", "", "U1"), plain(" "), Node("channel", "news", "C1")]),
        (
            "<!subteam^S1|@desk> <!here>",
            [Node("group", "@desk", "S1"), plain(" "), Node("call", "@here", "here")],
        ),
        ("<!date^1515486300^{time}|8:25>", [Node("date", "8:25", "1515486300^{time}")]),
        ("<b>", [Node("unknown", "b")]),
        ("<", [plain("<")]),
    ],
)
def test_marks_and_controls_become_nodes(text: str, nodes: list[Node]) -> None:
    assert parse(text) == tuple(nodes)


@given(texts)
def test_nothing_breaks_the_reader_and_escaped_text_shows_as_it_is(text: str) -> None:
    assert isinstance(tell(parse(text)), str)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert decode(escaped) == text
