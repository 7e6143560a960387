"""Feed bytes to entries: charset, format, text, links, dates, identity.

``parse_feed`` is synchronous and may be given anything at all; the bot runs it in the
worker processes of ``bot/scheduling/workers.py``, within limits of time and memory.
"""

from bot.parsing.dates import clamp_published
from bot.parsing.describe import describe_entry
from bot.parsing.feed import parse_feed
from bot.parsing.urls import canonical_link

__all__ = ["canonical_link", "clamp_published", "describe_entry", "parse_feed"]
