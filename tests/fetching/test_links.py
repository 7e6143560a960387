from __future__ import annotations

import httpx
import pytest

from bot.fetching.links import HubLinks, find_hub

URL = httpx.URL("https://wire.example/news/rss")
HUB = "https://hub.example/"
TOPIC = "https://wire.example/news/rss"


@pytest.mark.parametrize(
    "written",
    [
        f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"',
        f"<{TOPIC}>; rel=self, <{HUB}>; rel=hub",
        f'<{HUB}>; REL="HUB", <{TOPIC}>; rel="Self"',
        f'<{HUB}>; rel="other hub"; title="a, b; c", <rss>; rel="canonical self"',
        f'<{HUB}>; rel="hub", <{TOPIC}#top>; rel="self"',
    ],
)
def test_hub_and_topic_are_found_however_they_are_written(written: str) -> None:
    assert find_hub(URL, {"link": written}) == HubLinks(HUB, TOPIC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        f'<{TOPIC}>; rel="self"',
        f'<{HUB}>; rel="hubs"',
        "hub",
        "<>",
        '<javascript:alert(1)>; rel="hub"',
        '<file:///etc/hub>; rel="hub"',
        '<https://me:secret@hub.example/>; rel="hub"',
        f'<https://hub.example/{"x" * 2_000}>; rel="hub"',
        '<https://[::1>; rel="hub"',
    ],
)
def test_what_is_no_hub_is_none(written: str) -> None:
    assert find_hub(URL, {"link": written}).hub == ""
