from __future__ import annotations

from urllib.parse import urljoin

import pytest

from bot.parsing import canonical_link
from bot.parsing.urls import absolute_link

BASE = "https://wire.example/news/rss.xml"


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("https://other.example/a?b=1#c", "https://other.example/a?b=1#c"),
        ("/phones/1", "https://wire.example/phones/1"),
        ("2", "https://wire.example/news/2"),
        ("?id=3", "https://wire.example/news/rss.xml?id=3"),
        ("//cdn.example/4", "https://cdn.example/4"),
        (" https://wire.example/a b\n ", "https://wire.example/a%20b"),
        ("https://wire.example/a\n  /b", "https://wire.example/a/b"),
        ("https://wire.example/\u202egpj.exe", "https://wire.example/gpj.exe"),
        ("", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("tag:wire.example,2018:1", None),
        ("https://[wire.example/", None),
        ("https://:443/nowhere", None),
    ],
)
def test_a_link_is_absolute_http_or_none(link: str, absolute: str | None) -> None:
    assert absolute_link(link, base=BASE) == absolute


def test_without_a_base_a_relative_link_is_none() -> None:
    assert absolute_link("/phones/1", base="") is None


@pytest.mark.parametrize(
    "link",
    [
        "https://wire.example/Phones/1?id=7",
        "http://wire.example/Phones/1?id=7",
        "HTTPS://Wire.Example:443/Phones/1?id=7",
        "http://wire.example:80/Phones/1?id=7",
        "https://wire.example/Phones/1?utm_source=rss&id=7&utm_medium=feed",
        "https://wire.example/Phones/1?id=7&fbclid=x&xtor=RSS-1&ref=rss&CMPID=2&ftag=y&gclid=z",
        "https://wire.example/Phones/1?id=7#xtor=RSS-3208",
        "https://wire.example/Phones/1?id=7#utm_source=rss&utm_medium=feed",
    ],
)
def test_links_to_one_article_compare_equal(link: str) -> None:
    assert canonical_link(link) == "https://wire.example/Phones/1?id=7"


@pytest.mark.parametrize(
    "link",
    [
        "https://wire.example/Phones/1?id=8",
        "https://wire.example/phones/1?id=7",
        "https://wire.example/Phones/1/?id=7",
        "https://wire.example/Phones/1?id=7#part-2",
        "https://wire.example/Phones/1?id=7#!/story=2",
        "https://wire.example/Phones/1?id=7&preference=2",
        "https://wire.example/Phones/1",
    ],
)
def test_links_to_different_articles_stay_different(link: str) -> None:
    assert canonical_link(link) == link


def test_a_link_without_a_path_is_one_with_the_root() -> None:
    assert canonical_link("http://wire.example") == canonical_link("https://wire.example/")


@pytest.mark.parametrize(
    "rest", ["", "/", "/a//b/../c;d=1", "/%E4@x:y,z!$'()*+~", "/a?b#c", "?q", "/{a}|b"]
)
@pytest.mark.parametrize(
    "host", ["Wire.Example", "10.0.0.1", "a-b.example:8080", "u@a.example", "-"]
)
def test_an_absolute_link_is_what_the_standard_library_makes_of_it(host: str, rest: str) -> None:
    link = f"http://{host}{rest}"

    assert absolute_link(link, base=BASE) == urljoin(BASE, link)
