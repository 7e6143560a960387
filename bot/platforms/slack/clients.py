"""Clients of Slack's Web API: one session for all, and nothing repeated behind our back.

Proxies: slack_sdk takes HTTPS_PROXY and ignores NO_PROXY, so its own look at the environment
is undone; aiohttp's (``trust_env``) minds both.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

ANSWER_S = 15.0
"""Seconds for one request, from its start to the end of the answer."""

CONNECT_S = 10.0
"""Of these for a connection at most; what never connected was never sent."""

MAX_CONNECTIONS = 400
"""More than the destinations that are served at a time: a request that waited for a connection
until its time was over could not be told from one that was sent."""


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """The connections to Slack, for all workspaces; it lives as long as the process."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_S, sock_connect=CONNECT_S)
    connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS)
    async with aiohttp.ClientSession(
        timeout=timeout, connector=connector, trust_env=True
    ) as session:
        yield session


def make_client(
    token: str | None, *, api_base: str, session: aiohttp.ClientSession
) -> AsyncWebClient:
    """A client that makes each request once.

    slack_sdk repeats a request whose connection broke, and so posts twice.

    Args:
        session: of ``open_session``; a client with a session applies no timeout of its own.
    """
    client = AsyncWebClient(
        token=token,
        base_url=api_base,
        session=session,
        retry_handlers=[],
        logger=_quiet_log(),
    )
    client.proxy = None
    return client


def _quiet_log() -> logging.Logger:
    """A log for slack_sdk, which writes down every request while its log has no level."""
    log = logging.getLogger("slack_sdk.web.newsbot")
    if log.level == logging.NOTSET:
        log.setLevel(logging.INFO)
    return log
