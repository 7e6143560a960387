"""The words of the project: frozen, without I/O and without a clock."""

from bot.model.company import (
    Alias,
    Catalogue,
    Company,
    Cue,
    Event,
    EventRule,
    Match,
    Mention,
    Outlet,
    Rejection,
    Role,
)
from bot.model.delivery import (
    Delivery,
    DeliveryState,
    Message,
    Owed,
    Source,
    make_delivery_id,
)
from bot.model.destination import CONSOLE, Destination, Platform, Scope, Subscription
from bot.model.feed import (
    Entry,
    Feed,
    FeedOrigin,
    FeedSpec,
    Fetched,
    ParsedFeed,
    Validators,
)
from bot.model.story import Coverage, Story

__all__ = [
    "CONSOLE",
    "Alias",
    "Catalogue",
    "Company",
    "Coverage",
    "Cue",
    "Delivery",
    "DeliveryState",
    "Destination",
    "Entry",
    "Event",
    "EventRule",
    "Feed",
    "FeedOrigin",
    "FeedSpec",
    "Fetched",
    "Match",
    "Mention",
    "Message",
    "Outlet",
    "Owed",
    "ParsedFeed",
    "Platform",
    "Rejection",
    "Role",
    "Scope",
    "Source",
    "Story",
    "Subscription",
    "Validators",
    "make_delivery_id",
]
