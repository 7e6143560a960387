"""What a single setting may hold: numbers with a unit, secrets, addresses, host bases.

Each type says what is wrong in words an operator can act on; bot/settings/load.py
adds the place it came from. Nothing here may put a secret into its message.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from bot.model import ALL_ROLES, ProcessRole
from bot.prose.addresses import is_loopback

_DATABASE = re.compile(
    r"sqlite(?:\+aiosqlite)?://|postgres(?:ql(?:\+psycopg)?)?://|(?!.*://).", re.DOTALL
)
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
MOST_NUMBERS = 10_000
_BRACKETED = re.compile(r"\[([0-9a-fA-F:.]+)\](/\d+)?(?::(\d+))?")


def refuse_bool(value: object) -> object:
    """A number is no yes or no; pydantic alone would read ``true`` as 1."""
    if isinstance(value, bool):
        raise ValueError("should be a number")  # noqa: TRY004 - pydantic gathers ValueError only
    return value


Whole = Annotated[int, BeforeValidator(refuse_bool), Field(ge=1)]
"""A count or a number of bytes, at least 1."""

WholeOrZero = Annotated[int, BeforeValidator(refuse_bool), Field(ge=0)]
"""A count that may be 0."""


def _refuse_few_days(days: int) -> int:
    if 0 < days < FEWEST_DAYS:
        raise PydanticCustomError(
            "days", "must be 0, for ever, or {fewest} days at least", {"fewest": FEWEST_DAYS}
        )
    return days


FEWEST_DAYS = 30
"""A preview shows what the last 30 days would have brought."""

DaysOrForEver = Annotated[WholeOrZero, AfterValidator(_refuse_few_days)]
"""Days that something is kept, 0 for ever."""

Seconds = Annotated[float, BeforeValidator(refuse_bool), Field(gt=0, allow_inf_nan=False)]
"""A length of time that is more than nothing."""

Pause = Annotated[float, BeforeValidator(refuse_bool), Field(ge=0, allow_inf_nan=False)]
"""A length of time that may be nothing."""


def _refuse_phrase(secret: SecretStr) -> SecretStr:
    """A token is one word; a phrase is a slip of the hand, and a line break forges a header."""
    text = secret.get_secret_value()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        raise ValueError("stands in quotes; take them off")
    if text.startswith("Bot "):
        raise ValueError('should be written without "Bot " before it')
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("should be one word of plain letters, digits and signs")
    return secret


def _strip(value: object) -> object:
    """Pasted tokens bring spaces along; an empty one is none."""
    return (value.strip() or None) if isinstance(value, str) else value


Token = Annotated[
    Annotated[SecretStr, AfterValidator(_refuse_phrase)] | None, BeforeValidator(_strip)
]
"""A secret word, None where there is none; never shown."""


def _check_database(url: str) -> str:
    if not _DATABASE.match(url):
        raise ValueError('should begin with "sqlite://" or "postgresql://"')
    return url


DatabaseUrl = Annotated[str, AfterValidator(_check_database)]
"""A database's URL, or a bare path for SQLite; bot/store reads it whole."""


def _check_base(url: str, *, secure: str, plain: str) -> str:
    """A base that tokens are sent to: encrypted, or on this machine."""
    if not url.isprintable() or not url.isascii() or " " in url or "\\" in url:
        raise ValueError("should be a URL without spaces or signs that need escaping")
    parts = urlsplit(url)
    if parts.scheme not in {secure, plain} or not parts.hostname:
        raise ValueError(f"should be a URL that begins with {secure}://")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("should hold no user name, query or fragment")
    if parts.scheme == plain and not is_loopback(parts.hostname):
        raise ValueError(
            f"should begin with {secure}://, as tokens travel there;"
            f" {plain}:// is for localhost, 127.0.0.1 and [::1] alone"
        )
    return url.rstrip("/")


def _check_web_base(url: str) -> str:
    return _check_base(url, secure="https", plain="http")


def _check_socket_base(url: str) -> str:
    return _check_base(url, secure="wss", plain="ws")


WebBase = Annotated[str, AfterValidator(_check_web_base)]
"""An https base without a slash at its end; http on loopback."""


def _check_chat_base(url: str) -> str:
    if not url.strip():
        return ""
    base = _check_web_base(url)
    if base.endswith("/chat/completions"):
        raise ValueError("should end before /chat/completions, which is added")
    return base


ChatBase = Annotated[str, AfterValidator(_check_chat_base)]
"""A web base that chat completions are asked of, or ""."""

SlashedWebBase = Annotated[WebBase, AfterValidator(lambda url: url + "/")]
"""An https base with a slash at its end, as slack-sdk joins it with bare method names."""

SocketBase = Annotated[str, AfterValidator(_check_socket_base)]
"""A wss base; ws on loopback."""


def _check_web_base_or_none(url: str) -> str:
    return _check_web_base(url) if url.strip() else ""


WebBaseOrNone = Annotated[str, AfterValidator(_check_web_base_or_none)]
"""A web base, or ""."""


def _check_host_port(text: str) -> str:
    """An address and a port; a name would have to be looked up."""
    host, _, port = text.strip().rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address("127.0.0.1" if host == "localhost" else bare)
        is_port = port.isascii() and port.isdecimal() and 0 <= int(port) <= 65_535
    except ValueError:
        is_port = False
    if not is_port or (":" in bare) != host.startswith("["):
        raise ValueError('should be an address and a port, as in "127.0.0.1:3000" or "[::]:3000"')
    return text.strip()


HostPort = Annotated[str, AfterValidator(_check_host_port)]
"""An address to listen at, "127.0.0.1:3000"; port 0 is one that is free."""


def _on_this_machine(value: object) -> object:
    """A bare port is one that this machine alone reaches."""
    text = str(value).strip() if isinstance(value, int | str) else ""
    return f"127.0.0.1:{text}" if text.isascii() and text.isdecimal() else value


def _check_host_port_or_none(text: str) -> str:
    return _check_host_port(text) if text.strip() else ""


HostPortOrNone = Annotated[
    str, BeforeValidator(_on_this_machine), AfterValidator(_check_host_port_or_none)
]
"""An address to listen at, or a port of this machine alone; "" for nowhere."""

_MANAGERS = ("everyone", "admins", "creator")
_USER_GROUP = re.compile(r"S[A-Z0-9]{2,20}")


def _check_managers(text: str) -> str:
    said = text.strip()
    if said.lower() in _MANAGERS:
        return said.lower()
    if _USER_GROUP.fullmatch(said):
        return said
    raise ValueError(
        'should be "everyone", "admins", "creator", or the id of a user group, as in "S0123ABCD"'
    )


Managers = Annotated[str, AfterValidator(_check_managers)]
"""Who may change things in a Slack workspace."""


def _check_contact(url: str) -> str:
    """What stands in our User-Agent; a line break there would forge a header."""
    if not url:
        return url
    is_clean = url.isascii() and url.isprintable() and not set(url) & set(" ()\\")
    if not is_clean or not re.match(r"https?://[^/]|mailto:.", url):
        raise ValueError("should be an http, https or mailto address, or empty")
    return url


ContactUrl = Annotated[str, AfterValidator(_check_contact)]
"""Where the owner of a feed can reach the operator, or ""."""


def _split_list(value: object) -> object:
    """The environment's form of a list: JSON, or words between commas or spaces."""
    if not isinstance(value, str):
        return value
    try:
        read = json.loads(value)
    except ValueError:
        return re.split(r"[\s,]+", value.strip(" \t\n,")) if value.strip(" \t\n,") else []
    return read if isinstance(read, list) else [value]


def _check_allowed(text: str) -> str:
    """``address``, ``address/bits``, either with ``:port``; IPv6 with a port in brackets.

    Only the form is looked at; bot/fetching decides what it lets pass.
    """
    address, port = text.strip(), ""
    if bracketed := _BRACKETED.fullmatch(address):
        address, port = bracketed[1] + (bracketed[2] or ""), bracketed[3] or ""
    elif address.count(":") == 1:
        address, _, port = address.partition(":")
        port = port or "none"
    try:
        ipaddress.ip_network(address)
        is_good = not port or 1 <= int(port) <= 65_535
    except ValueError:
        is_good = False
    if not is_good:
        raise ValueError(
            "should list addresses such as 127.0.0.1, 10.0.0.0/8, 127.0.0.1:8080 or [::1]:8080"
        )
    return text.strip()


AllowedAddresses = Annotated[
    tuple[Annotated[str, AfterValidator(_check_allowed)], ...],
    NoDecode,  # the environment's form is read by _split_list, not as JSON alone
    BeforeValidator(_split_list),
]
"""Networks, each with an optional port."""


def read_numbers(text: str) -> tuple[int, ...]:
    """The numbers that ``text`` lists, as in ``0-3,8``, in order; () for an empty one.

    Raises:
        ValueError: it is no such list, or has a number twice.
    """
    numbers: list[int] = []
    for part in filter(None, text.replace(" ", "").split(",")):
        found = _RANGE.fullmatch(part)
        if not found:
            raise ValueError('should list numbers and ranges, as in "0-3,8"')
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first or last - first > MOST_NUMBERS:
            raise ValueError(f"{part} should run from the lower number to the higher")
        numbers.extend(range(first, last + 1))
    if len(set(numbers)) < len(numbers):
        raise ValueError("should list no number twice")
    return tuple(sorted(numbers))


def _check_numbers(text: str) -> str:
    read_numbers(text)
    return text


Numbers = Annotated[str, AfterValidator(_check_numbers)]
"""A list of numbers from 0 on, as in ``0-3,8``; see ``read_numbers``."""

ALL = "all"


def parse_roles(words: Iterable[str]) -> frozenset[ProcessRole]:
    """The roles that ``words`` name, "all" for each of them.

    Raises:
        ValueError: one is no role, or there is none.
    """
    named = {word.strip().lower() for word in words} - {""}
    known = {role.value: role for role in ProcessRole}
    if unknown := sorted(named - known.keys() - {ALL}):
        raise ValueError(f'"{unknown[0]}" is no role; there are {", ".join(known)} and {ALL}')
    if not named:
        raise ValueError(f"should name a role: {', '.join(known)} or {ALL}")
    return ALL_ROLES if ALL in named else frozenset(known[name] for name in named)


def _check_roles(words: tuple[str, ...]) -> tuple[str, ...]:
    parse_roles(words)
    return words


Roles = Annotated[
    tuple[str, ...],
    NoDecode,
    AfterValidator(_check_roles),
    BeforeValidator(_split_list),
]
"""What a process does, in words of ``ProcessRole`` or "all"."""
