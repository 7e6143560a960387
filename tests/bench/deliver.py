"""How near to Discord's limit we post, and how soon a fresh story comes while a backlog drains.

    python -m tests.bench.deliver --deliveries 10000 --channels 2000 --fresh 200

The loopback Discord, its limits on, is a process of its own; store, drain, sender and the real
discord.py are in this one. Old stories are owed to many channels; meanwhile one story a second
is opened and owed to a channel of its own. Printed are the rate of posts against the pacer's,
answers 429 that we caused, CPU of this process for a post, and the time from the commit of a
fresh story to the arrival of its post. Without arguments it takes about a minute.
"""

from __future__ import annotations

import argparse
from multiprocessing.connection import Connection
from pathlib import Path

from pydantic import SecretStr

from bot.model import Destination, Platform
from bot.platforms.discord.rest import open_rest
from bot.platforms.discord.sender import DiscordSender
from bot.settings import DiscordSettings
from bot.store import open_store
from tests.bench._delivering import Served, drain_all, run, serve_discord, tell
from tests.crash.publishing import now

FRESH_CHANNELS = 20


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--deliveries", type=int, default=2_500, help="of the backlog")
    options.add_argument("--channels", type=int, default=500)
    options.add_argument("--fresh", type=int, default=45, help="stories, one a second")
    options.add_argument("--rate", type=int, default=45, help="discord.max_requests_per_s")
    chosen = options.parse_args()
    run(serve_discord, _measure, chosen, chosen.channels + FRESH_CHANNELS)


async def _measure(server: Connection, folder: Path, chosen: argparse.Namespace) -> None:
    at: Served = server.recv()
    places = [Destination(Platform.DISCORD, *ids) for ids in at.places]
    settings = DiscordSettings(
        token=SecretStr(dict(at.tokens)[""]),
        api_base=at.api_base,
        max_requests_per_s=chosen.rate,
    )
    url = f"sqlite:///{folder}/bench.sqlite3"
    async with await open_store(url) as store, open_rest(settings) as rest:
        await rest.wait_until_settled()
        figures = await drain_all(
            store,
            DiscordSender(rest, clock=now),
            backlog=places[FRESH_CHANNELS:],
            deliveries=chosen.deliveries,
            fresh=places[:FRESH_CHANNELS],
            count=chosen.fresh,
        )
    server.send("tell")
    tell(server.recv(), figures, rate=chosen.rate)


if __name__ == "__main__":
    main()
