"""The rich text block: sections, lists, quotes and what stands in them.

After the Slack documentation, "Block Kit", rich text block.
"""

from __future__ import annotations

from tests.servers.slack.shapes import (
    Check,
    address,
    by_type,
    flag,
    many,
    one_of,
    shape,
    string,
    whole,
)

_STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "highlight"), flag))


def _of(kind: str, needed: dict[str, Check], also: dict[str, Check] | None = None) -> Check:
    return shape({"type": one_of(kind), **needed}, {"style": _STYLE, **(also or {})})


_INLINE = many(
    by_type(
        {
            "text": _of("text", {"text": string(12_000)}),
            "link": _of("link", {"url": address(3000)}, {"text": string(3000), "unsafe": flag}),
            "emoji": _of("emoji", {"name": string(100)}, {"unicode": string(100)}),
            "user": _of("user", {"user_id": string(64)}),
            "channel": _of("channel", {"channel_id": string(64)}),
            "usergroup": _of("usergroup", {"usergroup_id": string(64)}),
            "broadcast": _of("broadcast", {"range": one_of("here", "channel", "everyone")}),
            "date": _of(
                "date",
                {"timestamp": whole(0, 10**11), "format": string(255)},
                {"url": address(3000), "fallback": string(3000)},
            ),
        }
    ),
    1000,
    least=0,
)
_BORDER: dict[str, Check] = {"border": whole(0, 1)}
_SECTION = shape({"type": one_of("rich_text_section"), "elements": _INLINE})

RICH_TEXT = many(
    by_type(
        {
            "rich_text_section": _SECTION,
            "rich_text_quote": shape(
                {"type": one_of("rich_text_quote"), "elements": _INLINE}, _BORDER
            ),
            "rich_text_preformatted": shape(
                {"type": one_of("rich_text_preformatted"), "elements": _INLINE}, _BORDER
            ),
            "rich_text_list": shape(
                {
                    "type": one_of("rich_text_list"),
                    "style": one_of("bullet", "ordered"),
                    "elements": many(_SECTION, 500),
                },
                _BORDER | {"indent": whole(0, 8), "offset": whole(0, 10_000)},
            ),
        }
    ),
    100,
)
"""The elements of a rich text block."""
