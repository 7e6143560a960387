"""What the core asks of the world, and what it hands over.

The core (pipeline, delivery, commands) is written against these protocols;
``bot/app`` joins them to the database, the network and the platforms. Each
adapter is held to its port by a contract suite in ``tests/contract``.
"""

from bot.model import (
    EditedEntry,
    FiledEntry,
    KeptEntry,
    KnownEntry,
    Move,
    NewEntry,
    Posts,
    RepairOutcome,
)
from bot.ports.gauges import FeedGauges, Gauges, GaugeStore, Overdue
from bot.ports.meter import Meter, NoMeter, Stage, timed
from bot.ports.outbox import DeliveryStore, SubscriptionStore
from bot.ports.overview import OverviewStore
from bot.ports.processes import ProcessStore
from bot.ports.retention import RetentionStore
from bot.ports.store import (
    AuditStore,
    FeedStore,
    HubStore,
    NoteStore,
    PollStore,
    RepairStore,
    Store,
    StoryStore,
    WatchStore,
)
from bot.ports.tracing import traced, tracing
from bot.ports.values import (
    Backlog,
    Choose,
    Clock,
    CommitPoll,
    CompanyPair,
    Counts,
    FeedQuery,
    Haste,
    Parked,
    PollOutcome,
    Revival,
    StoryQuery,
)
from bot.ports.world import (
    Abstracter,
    ArticleReader,
    Extractor,
    FeedFinder,
    FeedLinkReader,
    Fetcher,
    FoundFeed,
    HubAsker,
    Parser,
    PlaceProblem,
    Places,
    Sender,
)

__all__ = [
    "Abstracter",
    "ArticleReader",
    "AuditStore",
    "Backlog",
    "Choose",
    "Clock",
    "CommitPoll",
    "CompanyPair",
    "Counts",
    "DeliveryStore",
    "EditedEntry",
    "Extractor",
    "FeedFinder",
    "FeedGauges",
    "FeedLinkReader",
    "FeedQuery",
    "FeedStore",
    "Fetcher",
    "FiledEntry",
    "FoundFeed",
    "GaugeStore",
    "Gauges",
    "Haste",
    "HubAsker",
    "HubStore",
    "KeptEntry",
    "KnownEntry",
    "Meter",
    "Move",
    "NewEntry",
    "NoMeter",
    "NoteStore",
    "Overdue",
    "OverviewStore",
    "Parked",
    "Parser",
    "PlaceProblem",
    "Places",
    "PollOutcome",
    "PollStore",
    "Posts",
    "ProcessStore",
    "RepairOutcome",
    "RepairStore",
    "RetentionStore",
    "Revival",
    "Sender",
    "Stage",
    "Store",
    "StoryQuery",
    "StoryStore",
    "SubscriptionStore",
    "WatchStore",
    "timed",
    "traced",
    "tracing",
]
