"""What one fetch may cost, and what the operator opened; every number argued."""

from __future__ import annotations

from dataclasses import dataclass

from bot.fetching.guard import AllowedAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """The bounds of every fetch.

    Attributes:
        user_agent: sent as it is. No default: it names whoever runs the bot
            (RFC 9110 §10.1.5).
        deadline_s: for the whole exchange in seconds, look-up of the name, redirects and a
            slow body included; waiting for a turn is our own doing and does not count.
            A healthy feed answers within 5.
        max_bytes: of the body, before and after decompression. The largest feed in our
            samples has 2.7 MB.
        max_redirects: hops followed; real feeds need 3 at most.
        per_host_concurrency: requests in flight to one host.
        per_host_spacing_s: seconds between the starts of two requests to one host.
            Neither holds for addresses in ``allow`` that a URL names in figures or as
            localhost: those are the operator's own machines.
        connections: requests in flight in all; more only queue in the event loop, as a
            feed's time is spent waiting for its server.
        idle_s: seconds an unused connection is kept: long enough for the feeds of one
            host in a row, far below any poll interval.
        quiet_floor_s: the least time in seconds a host is left alone after 429 or 503
            with Retry-After; a shorter wish would be spent on asking again.
        allow: addresses that pass the guard although they are not public.
    """

    user_agent: str
    deadline_s: float = 30.0
    max_bytes: int = 10 * 2**20
    max_redirects: int = 5
    per_host_concurrency: int = 2
    per_host_spacing_s: float = 0.5
    connections: int = 100
    idle_s: float = 5.0
    quiet_floor_s: float = 60.0
    allow: tuple[AllowedAddress, ...] = ()

    def __post_init__(self) -> None:
        if not (self.user_agent.isascii() and self.user_agent.isprintable() and self.user_agent):
            raise ValueError("user_agent is printable ASCII, and not empty")
        for name in ("deadline_s", "max_bytes", "per_host_concurrency", "connections"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is more than 0; got {getattr(self, name)}")
