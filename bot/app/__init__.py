"""Joins everything: the one room that knows every other."""

from bot.app.checks import FeedCheck, FeedSearch, check_feeds, search_feeds
from bot.app.lock import sole_process
from bot.app.mirror import Mirror
from bot.app.opening import Bot, open_bot
from bot.app.parts import page_pool, parser_pool

__all__ = [
    "Bot",
    "FeedCheck",
    "FeedSearch",
    "Mirror",
    "check_feeds",
    "open_bot",
    "page_pool",
    "parser_pool",
    "search_feeds",
    "sole_process",
]
