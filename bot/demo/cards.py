"""What people will see on Discord, drawn from the news of the demo's invented outlets.

Nothing is asked or sent: the stories stand here as the demo leaves them, and go through the
same drawing as those of a running bot.
"""

from __future__ import annotations

from dataclasses import replace

from bot.commands.answer import Answer
from bot.demo.stories import (
    CONFIRMED,
    DEAL,
    EVENING,
    GROWN,
    LATER,
    NEXT_DAY,
    RECENT,
    make_delivery,
    tell_broken,
    tell_forecast,
    tell_recent,
    tell_why,
)
from bot.model import Delivery, Destination, Digest, Message, Platform
from bot.platforms.discord.answers import draw_answer
from bot.platforms.discord.card import draw_post
from bot.platforms.discord.digest import draw_digest
from bot.platforms.preview import Sample

_CHANNEL, _ROLE = "1040000000000000001", "1040000000000000002"
_NAMES = {_CHANNEL: "handset-news", _ROLE: "newsroom"}
_COMMAND_IDS = {
    name: 1_040_000_000_000_000_100 + number
    for number, name in enumerate(("news recent", "news story", "alerts subscribe"))
}


def make_samples() -> tuple[Sample, ...]:
    """A post in each state, a digest, and the answers that people ask for most."""
    first = _delivery(DEAL)
    posted = replace(first, message_ref="1/2")
    called = draw_post(replace(first, ping=_ROLE), DEAL)
    return (
        Sample(
            "card",
            "A new story",
            "A pair: a maker and a carrier named close together.",
            draw_post(first, DEAL).components,
            EVENING,
        ),
        Sample(
            "grown",
            "The same post two hours later",
            "Further outlets join by an edit of the post: nobody is called again.",
            draw_post(posted, GROWN).components,
            LATER,
        ),
        Sample(
            "called",
            "The story where posts call a role",
            "An ordinary message, the headline first: a phone shows its words when it rings.",
            called.components,
            EVENING,
            names=_NAMES,
            content=called.content,
        ),
        Sample(
            "reply",
            "The story turns",
            "What confirms, denies or reverses a story is a reply to its post.",
            draw_post(_delivery(CONFIRMED), CONFIRMED).components,
            NEXT_DAY,
            reply_to=DEAL.headline,
        ),
        Sample(
            "digest",
            "A digest",
            "Hourly, daily, or what came in quiet hours: one post, pairs first.",
            draw_digest(_delivery(CONFIRMED), Digest(RECENT), command_ids=_COMMAND_IDS).components,
            NEXT_DAY,
        ),
        Sample(
            "recent",
            "/news recent",
            "Whoever asks sees it alone.",
            _draw(tell_recent()),
            NEXT_DAY,
        ),
        Sample("why", "/news why", "Why a story was posted.", _draw(tell_why()), NEXT_DAY),
        Sample(
            "forecast",
            "/alerts preview",
            "How much a channel would have got, before anybody subscribes.",
            _draw(tell_forecast(_CHANNEL)),
            NEXT_DAY,
            names=_NAMES,
        ),
        Sample(
            "broken",
            "A feed breaks",
            "A direct message to who added it; one more tells that it is back.",
            _draw(tell_broken("discord/1")),
            NEXT_DAY,
        ),
    )


def _delivery(message: Message) -> Delivery:
    return make_delivery(message, Destination(Platform.DISCORD, workspace="1", channel=_CHANNEL))


def _draw(answer: Answer) -> tuple[dict[str, object], ...]:
    return draw_answer(answer, command_ids=_COMMAND_IDS).components
