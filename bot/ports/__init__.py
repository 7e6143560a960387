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
from bot.ports.outbox import DeliveryStore, SubscriptionStore
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
from bot.ports.values import Choose, Clock, Counts, Haste, PollOutcome, Revival, StoryQuery
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
    "Choose",
    "Clock",
    "Counts",
    "DeliveryStore",
    "EditedEntry",
    "Extractor",
    "FeedFinder",
    "FeedLinkReader",
    "FeedStore",
    "Fetcher",
    "FiledEntry",
    "FoundFeed",
    "Haste",
    "HubAsker",
    "HubStore",
    "KeptEntry",
    "KnownEntry",
    "Move",
    "NewEntry",
    "NoteStore",
    "Parser",
    "PlaceProblem",
    "Places",
    "PollOutcome",
    "PollStore",
    "Posts",
    "RepairOutcome",
    "RepairStore",
    "Revival",
    "Sender",
    "Store",
    "StoryQuery",
    "StoryStore",
    "SubscriptionStore",
    "WatchStore",
]
