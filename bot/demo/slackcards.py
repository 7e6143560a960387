"""What people will see on Slack, drawn from the news of the demo's invented outlets.

Nothing is asked or sent: the stories stand here as the demo leaves them, and go through the
same drawing as those of a running bot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from bot.commands.answer import (
    Answer,
    Choice,
    Choices,
    Facts,
    Heading,
    Hint,
    Lines,
    Part,
    Stories,
)
from bot.commands.changes import tell_change
from bot.commands.forms import fill_form
from bot.commands.table import find_command_or_none
from bot.commands.wording import channel_of, join, tell_wishes
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
from bot.model import (
    AuditRecord,
    Catalogue,
    Delivery,
    Destination,
    Digest,
    Message,
    Ping,
    Platform,
    Rhythm,
    Scope,
    Subscription,
    Tie,
    TieKind,
)
from bot.platforms.preview import SlackSample
from bot.platforms.slack.answers import draw_answer
from bot.platforms.slack.card import draw_post
from bot.platforms.slack.digest import draw_digest
from bot.platforms.slack.drawn import Drawn
from bot.platforms.slack.home import draw_home
from bot.platforms.slack.modal import Memory, draw_form

_NEWS = Destination(Platform.SLACK, workspace="T1", channel="C1")
_CARRIERS = replace(_NEWS, channel="C2")
_GROUP, _ANA, _MEI = "S1", "U1", "U2"
_NAMES = {
    _NEWS.channel: "handset-news",
    _CARRIERS.channel: "carriers",
    _GROUP: "newsroom",
    _ANA: "Ana",
    _MEI: "Mei",
}
_POSTED = "C1/1515444900.000100"


def make_slack_samples() -> tuple[SlackSample, ...]:
    """A post in each state, a digest, answers, the Home tab and a form."""
    return (*_make_posts(), *_make_answers(), *_make_views())


def _make_posts() -> tuple[SlackSample, ...]:
    first = _delivery(DEAL)
    merged = replace(
        DEAL, tie=Tie(TieKind.MERGED, CONFIRMED.story_id, CONFIRMED.headline, CONFIRMED.link)
    )
    return (
        _post(
            "card",
            "A new story",
            "A pair: a maker and a carrier named close together.",
            draw_post(first, DEAL),
            EVENING,
        ),
        _post(
            "grown",
            "The same post two hours later",
            "Further outlets join by an edit of the post: nobody is called again.",
            draw_post(replace(first, message_ref=_POSTED), GROWN),
            LATER,
        ),
        _post(
            "called",
            "The story where posts call a user group",
            "The call stands below the names; a notification begins with the headline.",
            draw_post(replace(first, ping=_GROUP), DEAL),
            EVENING,
        ),
        replace(
            _post(
                "turn",
                "The story turns",
                "What confirms, denies or reverses a story is a reply in the thread of its post, "
                "and the channel sees it too.",
                draw_post(_delivery(CONFIRMED), CONFIRMED),
                NEXT_DAY,
            ),
            thread=DEAL.headline,
        ),
        _post(
            "merged",
            "Two stories were one",
            "The later post is struck through and leads to the one that tells both.",
            draw_post(replace(first, message_ref=_POSTED), merged),
            NEXT_DAY,
        ),
        _post(
            "digest",
            "A digest",
            "Hourly, daily, or what came in quiet hours: one post, pairs first.",
            draw_digest(_delivery(CONFIRMED), Digest(RECENT)),
            NEXT_DAY,
        ),
    )


def _make_answers() -> tuple[SlackSample, ...]:
    return (
        _answer("answer", "/news recent", "Whoever asks sees it alone.", tell_recent()),
        _answer("why", "/news why", "Why a story was posted.", tell_why()),
        _answer(
            "forecast",
            "/alerts preview",
            "How much a channel would have got, before anybody subscribes.",
            tell_forecast(_NEWS.channel),
        ),
        _post(
            "broken",
            "A feed breaks",
            "In the conversation of the bot and who added it; one more tells that it is back.",
            draw_answer(tell_broken("slack/T1"), is_public=False),
            NEXT_DAY,
        ),
    )


def _make_views() -> tuple[SlackSample, ...]:
    return (
        _view(
            "home",
            "The Home tab",
            "What this workspace has, with buttons for what can be done about it.",
            draw_home(_tell_home(), rule="everyone"),
        ),
        _view(
            "modal",
            "/alerts settings",
            "A command that comes without options opens as a form, filled in with what is set.",
            _draw_settings(),
        ),
    )


def _delivery(message: Message) -> Delivery:
    return make_delivery(message, _NEWS)


def _post(name: str, title: str, about: str, drawn: Drawn, now: datetime) -> SlackSample:
    return SlackSample(name, title, about, drawn.blocks, now, names=_NAMES)


def _answer(name: str, title: str, about: str, answer: Answer) -> SlackSample:
    blocks = draw_answer(answer).blocks
    return SlackSample(name, title, about, blocks, NEXT_DAY, is_private=True, names=_NAMES)


def _view(name: str, title: str, about: str, view: Mapping[str, Any]) -> SlackSample:
    return SlackSample(name, title, about, (), NEXT_DAY, view=view, names=_NAMES)


def _tell_home() -> Answer:
    """The page as bot/commands/home.py makes it, of two channels and one watched company."""
    news = Subscription(_NEWS, scope=Scope.PAIR, ping=Ping(_GROUP))
    carriers = Subscription(
        _CARRIERS, scope=Scope.CARRIERS, rhythm=Rhythm.DAILY, at=time(9), time_zone="Europe/Berlin"
    )
    changes = (
        AuditRecord(NEXT_DAY - timedelta(hours=3), _CARRIERS, _MEI, "/alerts subscribe channel:C2"),
        AuditRecord(NEXT_DAY - timedelta(days=1), _NEWS, _ANA, "/watch add name:Fairphone"),
    )
    parts: tuple[Part, ...] = (
        Heading("Channels that get news: 2"),
        *_list_channel(news),
        *_list_channel(carriers),
        Choices((Choice("form", "alerts.subscribe", "Subscribe a channel"),)),
        Heading("Companies watched here: 1 of 50"),
        Facts((("Fairphone", "maker; also Fairphone 5"),)),
        Choices(
            (
                Choice("watch-remove", "fairphone", "Remove Fairphone", is_risky=True),
                Choice("form", "watch.add", "Watch a company"),
                Choice("form", "watch.edit", "Change one"),
            )
        ),
        Heading("Feeds that are read: 8"),
        Lines(("All of them are fine.",)),
        Choices((Choice("form", "feeds.add", "Add a feed"),)),
        Heading("Recent stories"),
        Stories(RECENT[:3]),
        Hint("/news recent", "shows more"),
        Heading("Latest changes"),
        Lines(tuple(map(tell_change, changes))),
        Hint("/news help", "shows everything that I can do"),
    )
    return Answer("What this workspace has", parts)


def _list_channel(wanted: Subscription) -> tuple[Part, ...]:
    place = wanted.destination.channel
    line = join(channel_of(wanted.destination), ": ", tell_wishes(wanted, Catalogue()))
    buttons = (
        Choice("form", f"alerts.settings.{place}", "Settings"),
        Choice("alerts-pause", place, "Pause"),
        Choice("alerts-end", place, "Unsubscribe", is_risky=True),
    )
    return Lines((line,)), Choices(buttons)


def _draw_settings() -> dict[str, Any]:
    command = find_command_or_none("alerts", "settings")
    assert command is not None, "the table has it"
    values = {
        "channel": _NEWS.channel,
        "scope": Scope.PAIR.value,
        "events": "deal, deal off",
        "mode": Rhythm.LIVE.value,
        "time_zone": "Europe/Berlin",
        "quiet_hours": "22:00-07:00",
        "mention": _GROUP,
        "mention_for": "all",
    }
    return draw_form(fill_form(command, values), Memory(command, _NEWS), names=_NAMES)
