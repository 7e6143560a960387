"""Where redirects lead, one vetted hop at a time, and how far they are permanent.

Pure. Source: RFC 9110 §15.4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import httpx

from bot.errors import FeedUnreachable, Trouble
from bot.fetching.guard import AllowedAddress, check_url, shown

PERMANENT: Final = frozenset({301, 308})
KEEPING: Final = frozenset({307, 308})
"""Those after which a form is handed in anew and not asked for (RFC 9110 §15.4.8, §15.4.9)."""

REDIRECTS: Final = PERMANENT | {302, 303, 307}


@dataclass(frozen=True, slots=True)
class Trail:
    """The way from a feed's address to the one to ask now.

    Attributes:
        url: to be asked now, vetted.
        moved_to: where the permanent redirects at the start of the way lead, or "".
        is_permanent: every hop so far was permanent.
    """

    url: httpx.URL
    moved_to: str = ""
    is_permanent: bool = True

    def step(self, status: int, location: str, *, allow: tuple[AllowedAddress, ...]) -> Trail:
        """The trail after an answer of ``status`` (one of ``REDIRECTS``).

        A hop from https to http is followed, as news are no secret and nothing of ours
        that is secret travels along; but it is never permanent, so that the next poll
        starts with https again. Who hands in something secret has the permit of each hop
        refuse such a one (bot/fetching/hubs.py).

        Raises:
            FeedUnreachable: it names no target.
            AddressRefused: the target may not be asked.
        """
        if not location:
            raise FeedUnreachable(
                f"{shown(self.url)}: answered {status}, a redirect, without saying where to; "
                "asked again later",
                status=status,
                trouble=Trouble.ANSWER,
            )
        try:
            target = str(self.url.join(location))
        except (httpx.InvalidURL, ValueError):
            target = location  # check_url says what is wrong with it
        url = check_url(target, allow=allow)
        is_downgrade = (self.url.scheme, url.scheme) == ("https", "http")
        is_permanent = self.is_permanent and status in PERMANENT and not is_downgrade
        moved_to = str(url) if is_permanent else self.moved_to
        return replace(self, url=url, moved_to=moved_to, is_permanent=is_permanent)
