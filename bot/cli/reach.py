"""Who really answers in a platform's place, and whether our clock agrees with theirs.

Asked once, without a token, before the token is: a log-in page of a hotel's network answers
everything, and a clock that is hours off breaks signatures, certificates and due times.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.cli.findings import Finding, Verdict
from bot.scheduling.clock import utc_now
from bot.settings import Settings

ASK_S = 10.0
"""Seconds for the answer."""

OFF_AT_MOST = timedelta(minutes=5)
"""Between two clocks; Slack refuses requests whose time is further off."""


async def look_at_platforms(settings: Settings) -> list[Finding]:
    """What is amiss on the way to the platforms that are connected; a clock is told once."""
    bases = {}
    if settings.discord.token is not None:
        bases["discord"] = f"{settings.discord.api_base}/gateway"
    if settings.slack.is_on:
        bases["slack"] = f"{settings.slack.api_base}api.test"
    told: dict[str, Finding] = {}
    for name, address in bases.items():
        async for finding in _look(name, address):
            told.setdefault(finding.subject, finding)
    return list(told.values())


async def _look(name: str, address: str) -> AsyncIterator[Finding]:
    timeout = aiohttp.ClientTimeout(total=ASK_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=name == "slack") as session,
            session.get(address, allow_redirects=False) as answer,
        ):
            headers, is_moved = answer.headers, 300 <= answer.status < 400
    except aiohttp.ClientConnectorCertificateError:
        host = urlsplit(address).hostname
        text = (
            f"the certificate shown for {host} is not its own: a log-in page or a proxy of this "
            "network answers there, or this machine's clock or certificates are off"
        )
        yield Finding(Verdict.WRONG, f"way to {name}", text)
        return
    except (TimeoutError, aiohttp.ClientError, OSError):
        return  # the question with the token comes next, and says so
    if is_moved or headers.get("Content-Type", "").startswith("text/html"):
        there = urlsplit(urljoin(address, headers.get("Location", ""))).hostname
        text = (
            f"a page answers in place of the API ({there}): this network wants a log-in, or "
            f"{name}.api_base is wrong; open it in a browser on this machine"
        )
        yield Finding(Verdict.WRONG, f"way to {name}", text)
        return
    if finding := _compare(name, headers.get("Date", "")):
        yield finding


def _compare(name: str, date: str) -> Finding | None:
    try:
        theirs = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return None
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    off: timedelta = utc_now() - theirs
    if abs(off) <= OFF_AT_MOST:
        return None
    way = "ahead of" if off > timedelta() else "behind"
    minutes = round(abs(off).total_seconds() / 60)
    text = (
        f"this machine's clock is {minutes} minutes {way} that of {name}; set it (NTP), as "
        "signatures, certificates and due times depend on it"
    )
    return Finding(Verdict.WRONG, "clock", text)
