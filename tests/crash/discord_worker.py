"""The program that is killed: publishes stories and posts them, on the real store and sender."""

from __future__ import annotations

import argparse
import asyncio

from pydantic import SecretStr

from bot.model import Platform
from bot.platforms.discord.rest import open_rest
from bot.platforms.discord.sender import DiscordSender
from bot.settings import DiscordSettings
from bot.store import open_store
from tests.crash.publishing import (
    Places,
    make_parser,
    now,
    publish_and_post,
    quieten,
    read_places,
)


async def work(arguments: argparse.Namespace) -> None:
    """Until everything is published and posted."""
    places = read_places(arguments.places, Platform.DISCORD)
    settings = DiscordSettings(
        token=SecretStr(arguments.token),
        api_base=arguments.api_base,
        max_requests_per_s=arguments.rate,
    )
    async with await open_store(arguments.database) as store, open_rest(settings) as rest:

        async def make_sender() -> DiscordSender:
            await rest.wait_until_settled()
            return DiscordSender(rest, clock=now)

        await publish_and_post(store, Places(places, places[-1]), arguments, make_sender)


def main() -> None:
    parser = make_parser()
    parser.add_argument("--rate", type=int, default=45)
    quieten()
    asyncio.run(work(parser.parse_args()))


if __name__ == "__main__":
    main()
