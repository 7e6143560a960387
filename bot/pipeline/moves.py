"""Permanent redirects: when the address a server sends us to becomes the feed's own.

Pure. Source: RFC 9110 §15.4.2 and §15.4.9 ask clients to adopt the target of
301 and 308; servers under maintenance send them by mistake, so we wait.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.model import Feed


def follow_move(feed: Feed, moved_to: str, *, adopt_after: timedelta, now: datetime) -> Feed:
    """``feed`` after an answer whose permanent redirects lead to ``moved_to`` ("" if none).

    The same address over https is adopted at once, any other after ``adopt_after`` of
    the same answer. An answer that leads elsewhere or nowhere starts the wait anew.
    """
    if not moved_to or moved_to == feed.url:
        if not feed.moved_to and feed.moved_since is None:
            return feed  # nearly always, and a copy takes its time
        return replace(feed, moved_to="", moved_since=None)
    is_known_move = moved_to == feed.moved_to and feed.moved_since is not None
    since = feed.moved_since if is_known_move and feed.moved_since else now
    if _is_upgrade(feed.url, moved_to) or now - since >= adopt_after:
        spec = replace(feed.spec, url=moved_to)
        return replace(feed, spec=spec, moved_to="", moved_since=None)
    return replace(feed, moved_to=moved_to, moved_since=since)


def _is_upgrade(old: str, new: str) -> bool:
    """Whether ``new`` is ``old`` over https: same host, path and query."""
    before, after = urlsplit(old), urlsplit(new)
    return (before.scheme, after.scheme) == ("http", "https") and (
        before.hostname,
        before.path or "/",
        before.query,
    ) == (after.hostname, after.path or "/", after.query)
