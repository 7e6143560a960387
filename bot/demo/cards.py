"""What people will see on Discord, drawn from the news of the demo's invented outlets.

Nothing is asked or sent: the stories stand here as the demo leaves them, and go through the
same drawing as those of a running bot.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.commands.answer import (
    Answer,
    ChannelRef,
    Chart,
    Facts,
    Heading,
    Hint,
    Lines,
    Stories,
)
from bot.model import (
    Delivery,
    DeliveryState,
    Destination,
    Digest,
    Event,
    Message,
    Platform,
    Source,
    Tie,
    TieKind,
    make_delivery_id,
)
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

_EVENING = datetime(2018, 1, 8, 20, 55, tzinfo=UTC)
_LATER = datetime(2018, 1, 8, 22, 45, tzinfo=UTC)
_NEXT_DAY = datetime(2018, 1, 9, 23, 15, tzinfo=UTC)

_DEAL = Message(
    story_id="k4wz7q2m5a",
    headline="AT&T walks away from deal to sell Huawei's Mate 10 Pro, sources say",
    link="https://harbour-wire.example/2018/01/08/att-huawei-mate-10-pro",
    summary="AT&T has walked away from a deal to sell the Huawei Mate 10 Pro in the United "
    "States, a day before it was to be announced at the CES show in Las Vegas, two people said.",
    makers=("Huawei",),
    carriers=("AT&T",),
    others=(),
    is_pair=True,
    event=Event.DEAL_OFF,
    outlet="Harbour Business Wire",
    published_at=datetime(2018, 1, 8, 20, 42, tzinfo=UTC),
)
_GROWN = replace(
    _DEAL,
    carriers=("AT&T", "Verizon"),
    also=(
        Source("Pocket Line", "https://pocket-line.example/posts/mate-10-pro-off"),
        Source("手机前线", "https://shouji-qianxian.example/2018/0109/att.html"),
        Source("Meridian Journal", "https://meridian-journal.example/technology/att-huawei"),
    ),
    revision=2,
)
_CONFIRMED = replace(
    _DEAL,
    story_id="p7c2x5tq3b",
    headline="It is true: Huawei's consumer chief confirms that AT&T dropped the Mate 10 Pro",
    link="https://pocket-line.example/posts/huawei-confirms",
    summary="On stage in Las Vegas he said that consumers lose the most when a carrier turns "
    "a phone away. The Mate 10 Pro will be sold unlocked.",
    outlet="Pocket Line",
    published_at=_NEXT_DAY - timedelta(minutes=9),
    also=(Source("Antenna Weekly", "https://antenna-weekly.example/ces/huawei-stage"),),
    tie=Tie(TieKind.CONFIRMED, _DEAL.story_id, _DEAL.headline, _DEAL.link),
)
_TCL = replace(
    _DEAL,
    story_id="d3m6v4hs2r",
    headline="TCL brings the BlackBerry Motion to the US on January 12, unlocked for $449",
    link="https://pocket-line.example/posts/blackberry-motion-us",
    summary="Amazon and Best Buy will sell it from Friday.",
    makers=("TCL",),
    carriers=("AT&T", "T-Mobile"),
    is_pair=False,
    event=Event.LAUNCH,
    outlet="Pocket Line",
    published_at=_NEXT_DAY - timedelta(hours=2),
    also=(Source("Antenna Weekly", "https://antenna-weekly.example/ces/motion"),),
)
_XIAOMI = replace(
    _TCL,
    story_id="x2j5n7fw4c",
    headline="小米与两家美国运营商谈智能手机销售",
    link="https://shouji-qianxian.example/2018/0109/xiaomi.html",
    summary="",
    makers=("Xiaomi",),
    carriers=("AT&T", "Verizon"),
    is_pair=True,
    event=Event.DEAL,
    outlet="手机前线",
    published_at=_NEXT_DAY - timedelta(hours=5),
    also=(),
)
_VERIZON = replace(
    _TCL,
    story_id="q6b3y2kd7e",
    headline="Verizon lights up a second city for its fixed wireless trial",
    link="https://antenna-weekly.example/networks/second-city",
    summary="",
    makers=(),
    carriers=("Verizon",),
    event=Event.NETWORK,
    outlet="Antenna Weekly",
    published_at=_NEXT_DAY - timedelta(hours=7),
    also=(Source("Harbour Business Wire", None),),
)
_RECENT = (_CONFIRMED, _TCL, _XIAOMI, _VERIZON, _GROWN)


def make_samples() -> tuple[Sample, ...]:
    """A post in each state, a digest, and the answers that people ask for most."""
    first = _delivery(_DEAL)
    posted = replace(first, message_ref="1/2")
    called = draw_post(replace(first, ping=_ROLE), _DEAL)
    return (
        Sample(
            "card",
            "A new story",
            "A pair: a maker and a carrier named close together.",
            draw_post(first, _DEAL).components,
            _EVENING,
        ),
        Sample(
            "grown",
            "The same post two hours later",
            "Further outlets join by an edit of the post: nobody is called again.",
            draw_post(posted, _GROWN).components,
            _LATER,
        ),
        Sample(
            "called",
            "The story where posts call a role",
            "An ordinary message, the headline first: a phone shows its words when it rings.",
            called.components,
            _EVENING,
            names=_NAMES,
            content=called.content,
        ),
        Sample(
            "reply",
            "The story turns",
            "What confirms, denies or reverses a story is a reply to its post.",
            draw_post(_delivery(_CONFIRMED), _CONFIRMED).components,
            _NEXT_DAY,
            reply_to=_DEAL.headline,
        ),
        Sample(
            "digest",
            "A digest",
            "Hourly, daily, or what came in quiet hours: one post, pairs first.",
            draw_digest(
                _delivery(_CONFIRMED), Digest(_RECENT), command_ids=_COMMAND_IDS
            ).components,
            _NEXT_DAY,
        ),
        Sample(
            "recent",
            "/news recent",
            "Whoever asks sees it alone.",
            _draw(_tell_recent()),
            _NEXT_DAY,
        ),
        Sample("why", "/news why", "Why a story was posted.", _draw(_tell_why()), _NEXT_DAY),
        Sample(
            "forecast",
            "/alerts preview",
            "How much a channel would have got, before anybody subscribes.",
            _draw(_tell_forecast()),
            _NEXT_DAY,
            names=_NAMES,
        ),
    )


def _delivery(message: Message) -> Delivery:
    place = Destination(Platform.DISCORD, workspace="1", channel=_CHANNEL)
    return Delivery(
        id=make_delivery_id(message.story_id, place),
        story_id=message.story_id,
        destination=place,
        state=DeliveryState.OWED,
        revision=message.revision,
        next_attempt_at=message.published_at,
    )


def _draw(answer: Answer) -> tuple[dict[str, object], ...]:
    return draw_answer(answer, command_ids=_COMMAND_IDS).components


def _tell_recent() -> Answer:
    return Answer(
        "Stories about makers or carriers, in the last 2 days: 9 stories",
        (Stories(_RECENT, more=4),),
    )


def _tell_why() -> Answer:
    return Answer(
        f"Why I flagged “{_DEAL.headline}”",
        (
            Facts((("Story", f"#{_DEAL.story_id}"), ("First told", _DEAL.published_at))),
            Heading(f"{_DEAL.outlet}: {_DEAL.headline}"),
            Lines(
                (
                    "named: AT&T in the headline",
                    "named: Huawei in the headline",
                    f"pair: Huawei and AT&T, 30 characters apart in “{_DEAL.headline}”",
                    "relevant: a maker and a carrier are named up front",
                    "event: deal off, by “walks away from deal”",
                )
            ),
            Hint(f"/news story #{_DEAL.story_id}", "shows the story with every report"),
        ),
    )


def _tell_forecast() -> Answer:
    counts = (
        7,
        9,
        8,
        11,
        3,
        2,
        6,
        9,
        12,
        10,
        8,
        4,
        3,
        5,
        8,
        9,
        7,
        6,
        2,
        1,
        4,
        7,
        9,
        8,
        13,
        19,
        24,
        21,
        17,
        14,
    )
    last = _NEXT_DAY.date()
    days = [last - timedelta(days=len(counts) - 1 - number) for number in range(len(counts))]
    rows = tuple(
        (f"{day.day} {day:%b}", float(told)) for day, told in zip(days, counts, strict=True)
    )
    total = sum(counts)
    return Answer(
        f"{total} stories in the last 30 days",
        (
            Lines(
                (("For ", ChannelRef(_CHANNEL), ": every story about handset makers or carriers"),)
            ),
            Chart(rows, unit="stories a day"),
            Lines((f"{total / len(counts):.1f} a day: {total} stories, 3 pairs.",)),
            Stories(_RECENT[:2], more=total - 2),
            Hint("/alerts subscribe", "has them posted from now on"),
        ),
    )
