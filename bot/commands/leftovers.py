"""Subscriptions of channels that are gone: nobody can name such a channel any more.

The bot forgets a channel when it hears of its end. Of one that ended while the bot was away it
never hears; posts there are refused, which parks the subscription, and here it is taken away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.commands.answer import Answer, Choice, Choices, Lines, Tone
from bot.commands.canonical import write_line
from bot.commands.channels import find_problems
from bot.commands.command import Call
from bot.errors import InputInvalid
from bot.model import Destination, Platform, Subscription

MAX_OFFERED = 4
"""Buttons in one list; as many rows of them fit into an answer on Discord."""

MAX_LOOKED = 20
"""Parked channels that the platform is asked about for one list."""


async def find_gone(call: Call, wanted: Iterable[Subscription]) -> frozenset[Destination]:
    """Those of ``wanted`` whose channel is gone, at most ``MAX_OFFERED``."""
    parked = [one.destination for one in wanted if one.parked and _can_tell(one.destination)]
    gone: set[Destination] = set()
    for place in parked[:MAX_LOOKED]:
        if len(gone) < MAX_OFFERED and await _is_gone(call, place):
            gone.add(place)
    return frozenset(gone)


def offer_end(place: Destination) -> Choices:
    """The button that ends the subscription of ``place``."""
    subject = f"{place.channel}/{place.thread}" if place.thread else place.channel
    return Choices((Choice("unsubscribe-gone", subject, "Unsubscribe it", is_risky=True),))


async def unsubscribe_gone(call: Call) -> Answer:
    """End the subscription that a button names, if its channel is gone.

    A button needs the right to manage channels where it is pressed, not in the channel it
    names; so it ends nothing where somebody could be asked for that.

    Raises:
        InputInvalid: there is no such subscription, or its channel is there.
    """
    channel, _, thread = call.text("subject").partition("/")
    place = replace(call.place, channel=channel, thread=thread)
    if await call.office.store.find_subscription_or_none(place) is None:
        raise InputInvalid("That channel is not subscribed any more; /alerts list shows what is.")
    if not await _is_gone(call, place):
        raise InputInvalid(
            "I cannot tell that this channel is gone. If it is there, pick it in "
            "/alerts unsubscribe; else try again later."
        )
    await call.office.store.unsubscribe(place)
    line = "The channel is gone, and so is its subscription now."
    done = write_line("alerts", "unsubscribe", {"channel": call.text("subject")})
    return Answer("Unsubscribed", (Lines((line,)),), tone=Tone.DONE, done=done)


def _can_tell(place: Destination) -> bool:
    """Whether the platform tells a channel that is gone from one that the bot is not in.

    Slack does not, for private channels are to be hidden; of a thread it does.
    """
    return place.platform is not Platform.SLACK or bool(place.thread)


async def _is_gone(call: Call, place: Destination) -> bool:
    return any(problem.is_gone for problem in await find_problems(call, place))
