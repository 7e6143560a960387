from __future__ import annotations

import httpx
import pytest

from bot.fetching.links import MAX_FIELD_CHARS, HubLinks, find_hub

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


class CountingURL(httpx.URL):
    """Knows how many addresses were resolved against it."""

    joins = 0

    def join(self, url: httpx.URL | str) -> httpx.URL:
        type(self).joins += 1
        return super().join(url)


@pytest.mark.parametrize(
    "written",
    [
        f'<{HUB}>; rel="hub {"a " * 3_000}", <{TOPIC}>; rel="self {"b " * 900}"',
        ", ".join(f'<{HUB}>; rel="hub self a{n}"' for n in range(100)) + f", <{TOPIC}>; rel=self",
    ],
    ids=["many words", "many links"],
)
def test_many_words_and_links_are_no_more_work_than_a_hub_and_a_topic(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setattr(CountingURL, "joins", 0)
    assert len(written) <= MAX_FIELD_CHARS

    assert find_hub(CountingURL(URL), {"link": written}) == HubLinks(HUB, TOPIC)
    assert CountingURL.joins == 2


def test_fields_beyond_all_measure_are_not_read() -> None:
    hub, other = f'<{HUB}>; rel="hub"', '<style.css>; rel="preload", '
    fitting = other * ((MAX_FIELD_CHARS - len(hub)) // len(other)) + hub

    assert find_hub(URL, {"link": fitting}).hub == HUB
    assert find_hub(URL, {"link": other + fitting}) == HubLinks()
