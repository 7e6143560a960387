"""Stories of the demo's invented outlets as they stand there in the end, and answers about them.

What the previews of the platforms draw: nothing is asked or sent, the stories are written down
here as the demo leaves them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.commands.answer import Answer, ChannelRef, Chart, Facts, Heading, Hint, Lines, Stories
from bot.commands.feednotices import Notice, recipient_of, tell_notice
from bot.errors import Trouble
from bot.model import (
    Delivery,
    DeliveryState,
    Destination,
    Event,
    Feed,
    FeedOrigin,
    FeedSpec,
    Message,
    Source,
    Tie,
    TieKind,
    make_delivery_id,
)
from bot.model.condition import Turn

EVENING = datetime(2018, 1, 8, 20, 55, tzinfo=UTC)
LATER = datetime(2018, 1, 8, 22, 45, tzinfo=UTC)
NEXT_DAY = datetime(2018, 1, 9, 23, 15, tzinfo=UTC)

DEAL = Message(
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
GROWN = replace(
    DEAL,
    carriers=("AT&T", "Verizon"),
    also=(
        Source("Pocket Line", "https://pocket-line.example/posts/mate-10-pro-off"),
        Source("手机前线", "https://shouji-qianxian.example/2018/0109/att.html"),
        Source("Meridian Journal", "https://meridian-journal.example/technology/att-huawei"),
    ),
    revision=2,
)
CONFIRMED = replace(
    DEAL,
    story_id="p7c2x5tq3b",
    headline="It is true: Huawei's consumer chief confirms that AT&T dropped the Mate 10 Pro",
    link="https://pocket-line.example/posts/huawei-confirms",
    summary="On stage in Las Vegas he said that consumers lose the most when a carrier turns "
    "a phone away. The Mate 10 Pro will be sold unlocked.",
    outlet="Pocket Line",
    published_at=NEXT_DAY - timedelta(minutes=9),
    also=(Source("Antenna Weekly", "https://antenna-weekly.example/ces/huawei-stage"),),
    tie=Tie(TieKind.CONFIRMED, DEAL.story_id, DEAL.headline, DEAL.link),
)
TCL = replace(
    DEAL,
    story_id="d3m6v4hs2r",
    headline="TCL brings the BlackBerry Motion to the US on January 12, unlocked for $449",
    link="https://pocket-line.example/posts/blackberry-motion-us",
    summary="Amazon and Best Buy will sell it from Friday.",
    makers=("TCL",),
    carriers=("AT&T", "T-Mobile"),
    is_pair=False,
    event=Event.LAUNCH,
    outlet="Pocket Line",
    published_at=NEXT_DAY - timedelta(hours=2),
    also=(Source("Antenna Weekly", "https://antenna-weekly.example/ces/motion"),),
)
XIAOMI = replace(
    TCL,
    story_id="x2j5n7fw4c",
    headline="小米与两家美国运营商谈智能手机销售",
    link="https://shouji-qianxian.example/2018/0109/xiaomi.html",
    summary="",
    makers=("Xiaomi",),
    carriers=("AT&T", "Verizon"),
    is_pair=True,
    event=Event.DEAL,
    outlet="手机前线",
    published_at=NEXT_DAY - timedelta(hours=5),
    also=(),
)
VERIZON = replace(
    TCL,
    story_id="q6b3y2kd7e",
    headline="Verizon lights up a second city for its fixed wireless trial",
    link="https://antenna-weekly.example/networks/second-city",
    summary="",
    makers=(),
    carriers=("Verizon",),
    event=Event.NETWORK,
    outlet="Antenna Weekly",
    published_at=NEXT_DAY - timedelta(hours=7),
    also=(Source("Harbour Business Wire", None),),
)
RECENT = (CONFIRMED, TCL, XIAOMI, VERIZON, GROWN)


def make_delivery(message: Message, place: Destination) -> Delivery:
    """``message`` owed to ``place``."""
    return Delivery(
        id=make_delivery_id(message.story_id, place),
        story_id=message.story_id,
        destination=place,
        state=DeliveryState.OWED,
        revision=message.revision,
        next_attempt_at=message.published_at,
    )


def tell_recent() -> Answer:
    """What "/news recent" answers."""
    return Answer(
        "Stories about makers or carriers, in the last 2 days: 9 stories",
        (Stories(RECENT, more=4),),
    )


def tell_why() -> Answer:
    """What "/news why" answers about the deal."""
    return Answer(
        f"Why I flagged “{DEAL.headline}”",
        (
            Facts((("Story", f"#{DEAL.story_id}"), ("First told", DEAL.published_at))),
            Heading(f"{DEAL.outlet}: {DEAL.headline}"),
            Lines(
                (
                    "named: AT&T in the headline",
                    "named: Huawei in the headline",
                    f"pair: Huawei and AT&T, 30 characters apart in “{DEAL.headline}”",
                    "relevant: a maker and a carrier are named up front",
                    "event: deal off, by “walks away from deal”",
                )
            ),
            Hint(f"/news story #{DEAL.story_id}", "shows the story with every report"),
        ),
    )


def tell_broken(added_by: str) -> Answer:
    """What somebody is told whose feed broke.

    Args:
        added_by: see ``bot.model.Feed``.
    """
    url = "https://tideline.example/feed.xml"
    feed = Feed(
        id=12,
        spec=FeedSpec(url, "Tideline Tech"),
        origin=FeedOrigin.ADDED,
        next_due_at=NEXT_DAY + timedelta(hours=9),
        added_by=added_by,
        added_person="1",
        failures=6,
        trouble=Trouble.PAGE,
        error=f'{url}: the document holds no feed: it is an HTML page titled "Our new site"',
        failing_since=NEXT_DAY - timedelta(hours=7),
    )
    return tell_notice(Notice(recipient_of(feed), Turn.BROKE, (feed,)))


def tell_forecast(channel: str) -> Answer:
    """What "/alerts preview" answers for ``channel``, by its id."""
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
    last = NEXT_DAY.date()
    days = [last - timedelta(days=len(counts) - 1 - number) for number in range(len(counts))]
    rows = tuple(
        (f"{day.day} {day:%b}", float(told)) for day, told in zip(days, counts, strict=True)
    )
    total = sum(counts)
    return Answer(
        f"{total} stories in the last 30 days",
        (
            Lines(
                (("For ", ChannelRef(channel), ": every story about handset makers or carriers"),)
            ),
            Chart(rows, unit="stories a day"),
            Lines((f"{total / len(counts):.1f} a day: {total} stories, 3 pairs.",)),
            Stories(RECENT[:2], more=total - 2),
            Hint("/alerts subscribe", "has them posted from now on"),
        ),
    )
