"""The address guard: which URLs and which network addresses may be asked at all.

Anybody in a channel can add a feed, and any server can redirect us, so a URL
is an instruction by a stranger. ``check_url`` judges how it is written,
``find_objection`` judges the address a connection would really go to;
``bot/fetching/doors.py`` asks the second at the moment of connecting, which is
why a name that resolves differently a moment later gains nothing.

Pure: no name is looked up here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from bot.errors import AddressRefused

IPAddress = IPv4Address | IPv6Address

PORTS = {"http": 80, "https": 443}
"""The schemes we speak and the ports open to strangers' URLs."""

MAX_URL_CHARS = 2_000
"""Of an address, as it is written and as it travels. Browsers and sitemaps know no longer ones that
work everywhere (sitemaps.org: 2,048); and what is remembered of each must have an end."""

MAX_HOST_CHARS = 253  # RFC 1035 §2.3.4, less the length bytes of a message

_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_BRACKETED = re.compile(r"\[(?P<address>[0-9a-fA-F:.]+)\](?P<prefix>/[0-9]+)?(:(?P<port>[0-9]+))?")

# Public in number only. The standard library judges the rest by the IANA registries.
_NOT_PUBLIC = (
    IPv4Network("168.63.129.16/32"),  # Azure's host agent answers there, inside Azure
    IPv4Network("192.0.0.0/24"),  # IETF protocol assignments; Oracle's metadata service too
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, withdrawn by RFC 7526
    IPv4Network("224.0.0.0/3"),  # multicast and reserved; is_global counts multicast as public
    IPv6Network("2001::/23"),  # protocol assignments, with Teredo, which hides an IPv4 address
    IPv6Network("2002::/16"),  # 6to4, withdrawn; hides an IPv4 address
    IPv6Network("3fff::/20"),  # documentation, RFC 9637; newer than some ipaddress tables
)
REMEMBERED = 4096
"""Verdicts kept, of URLs and of addresses each: the same feeds are asked again and again, and
reading an address costs more than sending the request. 3 MB of usual URLs, 18 MB of the longest."""

_UNICAST = IPv6Network("2000::/3")  # all IPv6 that IANA has given out, RFC 4291 §2.4
_LOOPBACK = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
_NAT64 = IPv6Network("64:ff9b::/96")  # the last 32 bits are the IPv4 address reached, RFC 6052


@dataclass(frozen=True, slots=True)
class AllowedAddress:
    """Addresses the operator opens although they are not public; ``port`` None for all ports."""

    network: IPv4Network | IPv6Network
    port: int | None = None

    def covers(self, address: IPAddress, port: int) -> bool:
        """Whether a connection to ``address`` and ``port`` may pass."""
        return address in self.network and self.port in (None, port)


def parse_allowed(text: str) -> AllowedAddress:
    """Read one entry of ``fetch.allow_addresses``.

    An address or a CIDR network, with a port if only that one is meant: ``127.0.0.1:8801``,
    ``10.0.0.0/8``, ``10.0.0.0/8:8080``, ``::1``, ``fd00::/8``, ``[::1]:8080``, ``[fd00::]/8:8080``.

    Raises:
        ValueError: it is none of these; the message says what is wrong.
    """
    written = text.strip()
    if bracketed := _BRACKETED.fullmatch(written):
        address, port = bracketed["address"] + (bracketed["prefix"] or ""), bracketed["port"]
    elif written.count(":") > 1:
        address, port = written, None
    else:
        address, colon, after = written.partition(":")
        port = after if colon else None
    try:
        network = ip_network(address)
    except ValueError as error:
        raise ValueError(
            f'"{text}" is no address or network, such as 10.0.0.0/8, 127.0.0.1:8801 or '
            f"[::1]:8080: {error}"
        ) from error
    if port is None:
        return AllowedAddress(network)
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f'"{text}": a port is a number from 1 to 65535, not "{port}"')
    return AllowedAddress(network, int(port))


@lru_cache(maxsize=REMEMBERED)
def find_objection(address: IPAddress, port: int, *, allow: tuple[AllowedAddress, ...]) -> str:
    """Why nobody may be asked at ``address`` and ``port``, or "" if they may.

    IPv4 addresses inside IPv6 (mapped, and behind NAT64) are judged as the IPv4
    address a packet would reach.
    """
    reached = _reached(address)
    if any(allowed.covers(reached, port) for allowed in allow):
        return ""
    if not _is_public(reached):
        return f"{address} is not a public address"
    if port not in PORTS.values():
        return f"port {port} is neither 80 nor 443"
    return ""


def check_url(text: str, *, allow: tuple[AllowedAddress, ...]) -> httpx.URL:
    """Read a feed's URL or a redirect's target, without its fragment.

    Raises:
        AddressRefused: longer than ``MAX_URL_CHARS``; not http or https; a user name in it; a
            host that is no name and no address in its usual spelling; an address that may not
            be asked. The message never holds a password.
    """
    if len(text) > MAX_URL_CHARS:
        raise _too_long(text)
    return _check_url(text, allow=allow)


@lru_cache(maxsize=REMEMBERED)
def _check_url(text: str, *, allow: tuple[AllowedAddress, ...]) -> httpx.URL:
    try:
        url = httpx.URL(text.partition("#")[0])
        host = url.raw_host.decode("ascii").lower()
    except (httpx.InvalidURL, ValueError) as error:  # UnicodeError is a ValueError
        raise AddressRefused(f"{_shown_text(text)}: is not an address; not asked") from error
    if len(url.raw_path) > MAX_URL_CHARS:  # what is not ASCII travels as up to nine times as much
        raise _too_long(text)
    scheme = url.scheme
    if scheme not in PORTS:
        raise AddressRefused(f"{_shown_text(text)}: is neither http nor https; not asked")
    if url.userinfo:
        raise AddressRefused(
            f"{shown(url)}: has a user name or password in it, which is refused because it "
            "would end up in lists and logs; not asked"
        )
    port = PORTS[scheme] if url.port is None else url.port
    if not 1 <= port <= 65535:
        raise AddressRefused(f"{shown(url)}: there is no port {port}; not asked")
    address = literal_or_none(host)
    if address is None:
        _check_name(url, host)
    elif objection := find_objection(address, port, allow=allow):
        raise AddressRefused(f"{shown(url)}: {objection} (fetch.allow_addresses); not asked")
    return url


def literal_or_none(host: str) -> IPAddress | None:
    """The address that ``host`` is in its usual spelling, None where it is none."""
    # all that ends in no figure and holds no colon is no address: most hosts, told cheaply
    may_be_one = host[-1:].isdigit() or ":" in host
    return _literal_or_none(host) if may_be_one and len(host) <= MAX_HOST_CHARS else None


@lru_cache(maxsize=REMEMBERED)
def _literal_or_none(host: str) -> IPAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def foresee_refusal(text: str, *, allow: tuple[AllowedAddress, ...]) -> str:
    """Why ``text`` will not be asked, as far as it shows without a look-up; "" if it does not.

    ``localhost`` counts as the loopback addresses that it always is (RFC 6761 §6.3).
    """
    try:
        url = check_url(text, allow=allow)
    except AddressRefused as error:
        return str(error).removesuffix("; not asked")
    if url.host != "localhost":
        return ""
    port = url.port or PORTS[url.scheme]
    found = [find_objection(one, port, allow=allow) for one in _LOOPBACK]
    return f"{shown(url)}: {found[0]} (fetch.allow_addresses)" if all(found) else ""


def is_own(url: httpx.URL, *, allow: tuple[AllowedAddress, ...]) -> bool:
    """Whether ``url`` names, in so many figures, an address the operator opened.

    ``localhost`` counts as the loopback address it always is (RFC 6761 §6.3).
    """
    if not allow:
        return False
    host = url.raw_host.decode("ascii")
    address = literal_or_none("127.0.0.1" if host == "localhost" else host)
    if address is None:
        return False
    port = url.port or PORTS[url.scheme]
    return any(allowed.covers(_reached(address), port) for allowed in allow)


def is_at_own(text: str, *, allow: tuple[AllowedAddress, ...]) -> bool:
    """Whether what stands at ``text`` may lead us to all that the operator opened.

    It may where it is at such an address itself, written in figures. A name does not do:
    whoever owns it decides from one look-up to the next where it leads.
    """
    try:
        return is_own(check_url(text, allow=allow), allow=allow)
    except AddressRefused:
        return False


def shown(url: httpx.URL) -> str:
    """``url`` for messages: without user name, password and query, which may be secret."""
    tail = "?…" if url.query else ""
    netloc = url.netloc.decode("ascii", "replace")
    path = url.raw_path.decode("ascii", "replace").partition("?")[0]
    return f"{url.scheme}://{netloc}{path}"[:200] + tail


def _shown_text(text: str) -> str:
    """What may be repeated of something that is not a URL: nothing before an @, no query."""
    tail = text.rpartition("@")[2].partition("?")[0]
    return f'"{"".join(c for c in tail if c.isprintable())[:100]}"'


def _too_long(text: str) -> AddressRefused:
    return AddressRefused(
        f"{_shown_text(text)}: is longer than {MAX_URL_CHARS} characters, as no address of a feed "
        "or a page is; not asked"
    )


def _check_name(url: httpx.URL, host: str) -> None:
    """Refuse hosts that other programs read as an address, and hosts that are no names.

    A host whose last label is a number is an IPv4 address to a browser and to the system's
    resolver (2130706433, 127.1, 0x7f.1); no such top-level domain exists. Source: WHATWG URL
    §3.5, "ends in a number".
    """
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise AddressRefused(f"{shown(url)}: is an address in an unusual spelling; not asked")
    if len(host) > MAX_HOST_CHARS or ".." in host or not _HOST_NAME.fullmatch(host):
        raise AddressRefused(f"{shown(url)}: the host is no host name; not asked")


def _reached(address: IPAddress) -> IPAddress:
    """The address a packet to ``address`` ends at."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_public(address: IPAddress) -> bool:
    if isinstance(address, IPv6Address) and (
        address.scope_id is not None or address not in _UNICAST
    ):
        return False
    return address.is_global and not any(address in network for network in _NOT_PUBLIC)
