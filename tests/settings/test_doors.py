"""Doors of the program: which cannot be open at the same time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from bot.errors import SettingsInvalid
from bot.settings import load_settings
from bot.settings.doors import collide

HUBS = {"NEWSBOT_WEB_PUBLIC_URL": "https://news.example"}
TOKEN = {"NEWSBOT_STATUS_TOKEN": "an-invented-token"}
HOSTS = ("127.0.0.1", "0.0.0.0", "127.0.0.2", "::1", "::")


@contextmanager
def listening(host: str, port: int) -> Iterator[int]:
    """Listen there as asyncio does; the port it is."""
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if ":" in host:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((host, port))
        one.listen()
        yield one.getsockname()[1]


def written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 on this machine")
@pytest.mark.parametrize("one", HOSTS)
@pytest.mark.parametrize("other", HOSTS)
def test_two_doors_collide_where_the_machine_says_so(one: str, other: str) -> None:
    is_free = False
    with listening(one, 0) as port, suppress(OSError), listening(other, port):
        is_free = True

    assert collide(written(one, port), written(other, port)) is not is_free
    assert not collide(written(one, 0), written(other, 0))
    assert not collide(written(one, 8080), written(other, 8081))


def test_the_name_of_this_machine_is_its_address() -> None:
    assert collide("localhost:8080", "127.0.0.1:8080")


def test_what_is_not_opened_takes_no_port() -> None:
    settings = load_settings(environ={"NEWSBOT_STATUS_LISTEN": "8080"})

    assert (settings.status.listen, settings.web.listen) == ("127.0.0.1:8080", "127.0.0.1:8080")


def test_all_settings_that_give_one_port_are_named() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(environ=HUBS | {"NEWSBOT_STATUS_LISTEN": "0.0.0.0:8080", **TOKEN})

    assert str(caught.value) == (
        "NEWSBOT_STATUS_LISTEN: status.listen 0.0.0.0:8080 takes the port of web.listen "
        "(127.0.0.1:8080) too; give one of them another port"
    )
