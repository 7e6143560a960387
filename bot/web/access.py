"""Who may look: the token, what a browser keeps in its place, and the key of the feeds.

The token opens everything. A browser that has shown it once keeps a cookie made from it, and
a feed reader, which may be somebody else's server and writes addresses into its log, gets a
key made from it that opens the feeds alone. Both are no way back to the token, and both are
void once it changes; the cookie, besides, after ``COOKIE_DAYS``.

Source: RFC 6750 §2.1 (the header), §2.3 (why the token is in no address); RFC 7617 (Basic,
which feed readers speak); W3C TAG, Good Practices for Capability URLs.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import Enum, auto
from hashlib import sha256
from urllib.parse import urlsplit

from aiohttp import web

from bot.ports import Clock
from bot.prose.addresses import is_loopback

COOKIE = "newsbot"
COOKIE_DAYS = 30
"""For so long a browser keeps it, and for so long it opens anything."""


class Access(Enum):
    """Who may ask for an address."""

    ALL = auto()  # who reaches it at all
    READER = auto()  # who knows the token, if there is one
    FEED = auto()  # who knows the token, or the key of the feeds


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens the pages.

    Attributes:
        clock: by which a cookie is too old.
        token: "" where everybody may look who reaches them.
    """

    clock: Clock
    token: str = ""

    def make_cookie(self) -> str:
        """What a browser keeps from now on: the second it was made, and that signed."""
        return self._sign(int(self.clock().timestamp()))

    @property
    def feed_key(self) -> str:
        """What stands in the addresses of the feeds; "" without a token."""
        return self._derive("feeds")[:32]

    def fits(self, said: str) -> bool:
        """Whether somebody typed the token."""
        return bool(self.token) and _is_same(said.strip(), self.token)

    def lets_in(self, request: web.Request, access: Access) -> bool:
        """Whether ``request`` brings what ``access`` asks for."""
        if not self.token or access is Access.ALL:
            return True
        scheme, _, said = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.fits(said):
            return True
        if self._made(request.cookies.get(COOKIE, "")):
            return True
        if access is not Access.FEED:
            return False
        if scheme.lower() == "basic":
            return _is_same(_password(said), self.feed_key)
        return bool(self.find_key(request))

    def find_key(self, request: web.Request) -> str:
        """The key of the feeds, where the address of ``request`` has it; else ""."""
        return self.feed_key if _is_same(request.query.get("key", ""), self.feed_key) else ""

    def _made(self, cookie: str) -> bool:
        """Whether ``cookie`` is one of ours, and not too old."""
        moment = cookie.partition(".")[0]
        if not (moment.isascii() and moment.isdecimal() and len(moment) < 12):
            return False
        age_s = self.clock().timestamp() - int(moment)
        return age_s <= COOKIE_DAYS * 86_400 and _is_same(cookie, self._sign(int(moment)))

    def _sign(self, moment: int) -> str:
        return f"{moment}.{self._derive(f'browser {moment}')}"

    def _derive(self, purpose: str) -> str:
        if not self.token:
            return ""
        return hmac.new(self.token.encode(), f"newsbot {purpose}".encode(), sha256).hexdigest()


def is_known_host(request: web.Request, public_host: str) -> bool:
    """Whether ``request`` names this machine, or the proxy before it, as its host.

    A page of a stranger whose name leads to 127.0.0.1 (DNS rebinding) is the same site to a
    browser, and could read what is open to this machine; its name gives it away.
    """
    try:
        host = urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return False
    return is_loopback(host) or (bool(public_host) and host == public_host)


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _is_same(said: str, right: str) -> bool:
    """In a time that says nothing about how much of it is right."""
    return hmac.compare_digest(said.encode(errors="replace"), right.encode())
