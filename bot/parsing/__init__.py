"""Feed bytes to entries: charset, format, text, links, dates, identity; page bytes to text.

``parse_feed`` and ``read_article`` may be given anything at all; the bot runs them in the
worker processes of ``bot/scheduling/workers.py``, within limits of time and memory.
"""

from bot.parsing.article import read_article
from bot.parsing.dates import clamp_published
from bot.parsing.describe import describe_entry
from bot.parsing.discover import find_feed_links, is_page, list_usual_places
from bot.parsing.feed import parse_feed
from bot.parsing.identity import list_keys
from bot.parsing.urls import canonical_link

__all__ = [
    "canonical_link",
    "clamp_published",
    "describe_entry",
    "find_feed_links",
    "is_page",
    "list_keys",
    "list_usual_places",
    "parse_feed",
    "read_article",
]
