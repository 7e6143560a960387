"""Where the program listens, and that no two of its doors are at one port."""

from __future__ import annotations

import ipaddress
from itertools import combinations
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from bot.settings.model import Settings


def find_doors(settings: Settings) -> dict[str, str]:
    """Address and port of each door that these settings open, by the setting that says so."""
    slack, web, status = settings.slack, settings.web, settings.status
    doors = {
        "status.listen": status.listen,
        "web.listen": web.listen if web.is_on else "",
        "slack.listen": slack.listen if slack.mode == "http" else "",
    }
    return {setting: listen for setting, listen in doors.items() if listen}


def check_doors(settings: Settings) -> None:
    """Refuse two doors of which the second would find its port taken.

    Raises:
        PydanticCustomError: there are such; for the library to tell.
    """
    for (setting, listen), (other, its) in combinations(find_doors(settings).items(), 2):
        if collide(listen, its):
            context = {"listen": listen, "other": other, "its": its, "keys": [setting, other]}
            told = "{listen} takes the port of {other} ({its}) too; give one of them another port"
            raise PydanticCustomError("half", told, context)


def collide(one: str, other: str) -> bool:
    """Whether not both can be listened at: one port, and one address or all of its kind.

    asyncio has "[::]" take addresses of IPv6 alone. Port 0 is another one each time.
    """
    (host, port), (its_host, its_port) = _split(one), _split(other)
    if port != its_port or port == 0 or host.version != its_host.version:
        return False
    return host == its_host or host.is_unspecified or its_host.is_unspecified


def _split(listen: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]:
    host, _, port = listen.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    return ipaddress.ip_address("127.0.0.1" if host == "localhost" else bare), int(port)
