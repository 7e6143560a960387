"""The program that is killed: publishes stories and posts them, on the real store and sender."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime

from pydantic import SecretStr

from bot.delivery.pace import Urgency
from bot.model import Delivery, Platform
from bot.platforms.slack import clients
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.pacer import PER_MIN, Pacer
from bot.platforms.slack.reconcile import Finder, Found
from bot.platforms.slack.sender import SlackSender
from bot.platforms.slack.workspaces import open_workspace
from bot.settings import SlackSettings
from bot.store import open_store
from tests.crash.publishing import (
    Places,
    make_parser,
    now,
    publish_and_post,
    quieten,
    read_places,
)

SETTLE_S, LATE_S, ANSWER_S = 0.4, 1.0, 0.5
"""Of how long a sender lets Slack settle, and awaits an answer: in the proportions it has
otherwise, and in step with the lateness of the server in front."""


class BlindFinder(Finder):
    """Finds nothing: what would come of posting again without a look."""

    async def find_or_none(
        self, delivery: Delivery, *, thread: str, since: datetime, urgency: Urgency
    ) -> Found | None:
        """Nothing."""
        del delivery, thread, since, urgency
        return None


async def work(arguments: argparse.Namespace) -> None:
    """Until everything is published and posted."""
    every = read_places(arguments.places, Platform.SLACK)
    places = Places(every, every[-1], threads=every[-2:-1], has_turns=True)
    settings = SlackSettings(
        bot_token=SecretStr(arguments.token),
        app_token=SecretStr("xapp-1-unused"),
        api_base=arguments.api_base,
    )
    clients.ANSWER_S = ANSWER_S
    rate = arguments.rate
    pacer = Pacer(rate * 60, channel_gap_s=1 / rate, per_min=dict.fromkeys(PER_MIN, rate * 60))
    async with await open_store(arguments.database) as store, open_workspace(settings) as one:

        async def make_sender() -> SlackSender:
            await one.wait_until_settled()
            sender = SlackSender(Calls(one, pacer), clock=now, settle_s=SETTLE_S, late_s=LATE_S)
            if arguments.blind:
                sender._finder = BlindFinder(Calls(one, pacer))
            return sender

        await publish_and_post(store, places, arguments, make_sender)


def main() -> None:
    parser = make_parser()
    parser.add_argument("--rate", type=int, default=4)
    parser.add_argument("--blind", action="store_true")
    quieten()
    asyncio.run(work(parser.parse_args()))


if __name__ == "__main__":
    main()
