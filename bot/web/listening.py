"""Where our servers listen."""

from __future__ import annotations

from aiohttp import web

from bot.errors import SettingsInvalid
from bot.prose.addresses import explain_listening


async def listen_at(runner: web.AppRunner, where: str, *, setting: str) -> str:
    """Have ``runner`` listen; the address it can be reached at, with the port that it was given.

    Args:
        where: address and port, as in "127.0.0.1:8080" or "[::]:8080"; port 0 is a free one.
        setting: that says so, for the error.

    Raises:
        SettingsInvalid: nothing can listen there; the message says why.
    """
    host, _, port = where.rpartition(":")
    site = web.TCPSite(runner, host.removeprefix("[").removesuffix("]"), int(port))
    try:
        await site.start()
    except OSError as error:
        raise SettingsInvalid(f"{setting}: {where} {explain_listening(error)}") from error
    bound, given = runner.addresses[0][:2]
    return f"http://[{bound}]:{given}" if ":" in bound else f"http://{bound}:{given}"
