"""Only whole addresses of the web stand behind words of ours."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from bot.prose.addresses import MAX_ADDRESS, address_or_none, has_usual_host, shows_address
from tests.platforms.hostile import links


@pytest.mark.parametrize(
    ("link_", "address"),
    [
        ("https://a.example/p?q=1&r=%20#x", "https://a.example/p?q=1&r=%20#x"),
        ("https://a.example/a(b)c", "https://a.example/a%28b%29c"),
        ("https://a.example/a b>c\"d'e", "https://a.example/a%20b%3Ec%22d%27e"),
        ("https://a.example/手", "https://a.example/%E6%89%8B"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://a.example:8443/**x**", "https://a.example:8443/%2A%2Ax%2A%2A"),
        ("HTTPS://A.Example/Path", "https://a.example/Path"),
        ("https://a.example/\u202egpj", "https://a.example/%E2%80%AEgpj"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://a.example/", None),
        ("https://att.com@evil.example/", None),
        ("https://a.example:x/", None),
        ("https://[::1", None),
        ("https://", None),
        ("https://a)b.example/", None),
        ("//a.example/", None),
        ("", None),
        (None, None),
        ("https://a.example/" + "a" * 983, None),
    ],
)
def test_only_whole_web_addresses_become_links(link_: str | None, address: str | None) -> None:
    assert address_or_none(link_) == address


@given(links)
def test_nothing_in_an_address_ends_a_markup(link: str | None) -> None:
    address = address_or_none(link)
    if address is None:
        return

    assert len(address) <= MAX_ADDRESS
    assert re.fullmatch(r"https?://[!-~]+", address)
    assert not set(address) & set("<>|()[]{}\"'`*\\ ")
    assert address_or_none(address) == address


@pytest.mark.parametrize(
    ("address", "is_usual"),
    [
        ("https://news.example/a", True),
        ("https://localhost/a", False),
        ("https://127.0.0.1/", False),
        ("https://-a-.example/a", False),
    ],
)
def test_a_usual_host_has_a_name_with_a_dot(address: str, is_usual: bool) -> None:
    assert has_usual_host(address) is is_usual


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [("at https://a.example now", True), ("WWW.a.example", True), ("AT&T: yes", False)],
)
def test_words_that_could_be_taken_for_an_address_are_told(text: str, is_shown: bool) -> None:
    assert shows_address(text) is is_shown
