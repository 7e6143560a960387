"""The HubAsker port: one form to a feed's hub, by the guard and the turns of all requests.

Which hub is asked, a stranger's document says. So hubs are reached at public addresses only,
unless the feed itself is at an address that the operator opened.

What is handed in holds a secret and an address that is one. So it travels by https alone, over
redirects too, or to a machine of the operator's that is named in figures; a hub that has http
only is not asked, and its feeds are polled.

Source: W3C WebSub §5.1 Subscriber Sends Subscription Request: hub.secret "SHOULD only be
specified when the request was made over HTTPS".
"""

from __future__ import annotations

from functools import partial
from typing import Final

import httpx

from bot.errors import AddressRefused
from bot.fetching.exchange import Exchange, Wish
from bot.fetching.failures import refused
from bot.fetching.guard import AllowedAddress, is_at_own, is_own, shown
from bot.model import HubSubscription
from bot.ports import Clock

MAX_ANSWER_BYTES: Final = 4_096
"""Of what a hub says to a question; nobody reads it."""


class WebHubAsker:
    """Asks hubs.

    Args:
        own: the exchange for hubs of feeds at addresses that the operator opened.
        strangers: the exchange for all others.
        clock: for ``Retry-After`` dates, nothing else.
    """

    def __init__(self, own: Exchange, strangers: Exchange, *, clock: Clock) -> None:
        self._own = own
        self._strangers = strangers
        self._clock = clock

    async def ask(
        self, subscription: HubSubscription, *, leaves: bool, callback: str, lease_s: float
    ) -> None:
        """Hand in the question; the hub verifies at ``callback`` that it was us.

        Raises:
            AddressRefused: the hub's address, or where it leads, may not be asked; or it is
                http, and at no address in figures that the operator opened to this feed.
            FeedUnreachable: no answer in ``deadline_s``, or one that is not 2xx.
        """
        limits = self._own.limits
        is_own = is_at_own(subscription.feed_url, allow=limits.allow)
        exchange = self._own if is_own else self._strangers
        form = {
            "hub.callback": callback,
            "hub.mode": "unsubscribe" if leaves else "subscribe",
            "hub.topic": subscription.topic,
        }
        if not leaves:
            form["hub.lease_seconds"] = f"{lease_s:.0f}"
            form["hub.secret"] = subscription.secret
        wish = Wish(
            fields={"Accept": "*/*"},
            deadline_s=limits.deadline_s,
            max_bytes=MAX_ANSWER_BYTES,
            cuts=True,
            max_redirects=limits.max_redirects,
            permit=partial(_permit_safe, allow=exchange.limits.allow),
            form=form,
        )
        trail, answer = await exchange.follow(subscription.hub, wish)
        if 200 <= answer.status < 300:
            return
        error = refused(
            trail.url,
            answer.status,
            answer.headers,
            now=self._clock(),
            quiet_floor_s=limits.quiet_floor_s,
        )
        if answer.status in {429, 503} and error.retry_after_s is not None:
            exchange.leave_alone(trail.url, error.retry_after_s)
        raise error


async def _permit_safe(url: httpx.URL, *, allow: tuple[AllowedAddress, ...]) -> None:
    if url.scheme != "https" and not is_own(url, allow=allow):
        raise AddressRefused(
            f"{shown(url)}: a hub is given a secret, which plain http would show to everybody on "
            "the way; not asked"
        )
