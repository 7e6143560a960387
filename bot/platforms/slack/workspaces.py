"""The workspaces that the bot is in, and its token there.

``OneWorkspace`` has the token of the settings. It asks Slack who it is in the background, so
that the program starts while Slack is away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from copy import copy
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.parking import RESUME
from bot.errors import SendError, SendParked, SendRefusedForNow
from bot.platforms.slack.clients import make_client, open_session
from bot.platforms.slack.failures import (
    DOUBTED_S,
    OFF_S,
    OPERATOR,
    REFUSED_TOKEN,
    REMOVED,
    TokenRefused,
    error_of,
    judge,
    retry_after_s,
    tell_parked,
)

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
"""Seconds between attempts to learn who we are: they double from one to the other."""

FIRST_PROBE_S, PROBE_S = 30.0, 3_600.0
"""Seconds between looks whether a token that was refused is taken again: they double from one to
the other."""

SETTING = "(slack.bot_token)"
"""Where the operator puts the one token."""

log = logging.getLogger(__name__)


class Account(Protocol):
    """Who the bot is on Slack, and where Slack is: the section ``slack`` of the settings."""

    @property
    def bot_token(self) -> SecretStr | None:
        """The bot's own token."""
        ...

    @property
    def api_base(self) -> str:
        """Of the Web API, with a slash at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Bot:
    """Who the bot is in a workspace.

    Attributes:
        url: of the workspace, with a slash at the end.
        scopes: what it was granted there.
        name: what people call it there.
    """

    user_id: str
    bot_id: str
    team_id: str
    team_name: str
    url: str
    scopes: frozenset[str]
    name: str = "newsbot"


class Workspaces(Protocol):
    """Knows the bot's tokens."""

    @property
    def is_up(self) -> bool:
        """Whether it makes sense to send: some token is taken."""
        ...

    async def find_client(self, workspace: str) -> AsyncWebClient:
        """The client with the token for ``workspace`` (a team id).

        Raises:
            SendError: there is none, or none yet; every subclass says whether to repeat.
        """
        ...

    async def find_bot(self, workspace: str) -> Bot:
        """Who the bot is there.

        Raises:
            SendError: as ``find_client``.
        """
        ...

    async def check_token(self, workspace: str, client: AsyncWebClient) -> AsyncWebClient:
        """Ask Slack whether it takes the token of ``client``: it has answered that it does not.

        Returns:
            ``client`` if it is taken all the same, or the one with the token of ``workspace``
            that there is by now.

        Raises:
            SendRefusedForNow: it is not taken now, or Slack could not be asked.
            SendParked: it is not taken any more.
        """
        ...


class OneWorkspace:
    """The workspace of the token in the settings; see ``open_workspace``."""

    def __init__(self, account: Account, session: aiohttp.ClientSession) -> None:
        token = account.bot_token.get_secret_value() if account.bot_token else None
        self._api_base = account.api_base
        self._client = make_client(token, api_base=account.api_base, session=session)
        self._bot: Bot | None = None
        self._refused = asyncio.Event()
        self._settled = asyncio.Event()
        self._came_up = asyncio.Condition()
        self._checking = asyncio.Lock()
        self._checks = 0
        self._verdict: SendError | None = None

    @property
    def is_up(self) -> bool:
        """Whether Slack has said who we are and still takes the token."""
        return self._bot is not None and not self._refused.is_set()

    @property
    def bot(self) -> Bot:
        """Who the bot is.

        Raises:
            SendRefusedForNow: Slack has not said yet, or takes the token no more.
        """
        if self._refused.is_set():
            told = f"slack: the token is not taken {SETTING}"
            raise TokenRefused(told, retry_after_s=OFF_S, is_general=True)
        if self._bot is None:
            told = "slack: not connected yet"
            raise SendRefusedForNow(told, retry_after_s=FIRST_WAIT_S, is_general=True)
        return self._bot

    async def find_client(self, workspace: str) -> AsyncWebClient:
        """The client, if the token is of ``workspace``.

        Raises:
            SendRefusedForNow: as ``bot``.
            SendParked: it is of another.
        """
        await self.find_bot(workspace)
        return self._client

    async def find_bot(self, workspace: str) -> Bot:
        """Who the bot is, if the token is of ``workspace``.

        Raises:
            SendRefusedForNow: as ``bot``.
            SendParked: it is of another.
        """
        bot = self.bot
        if workspace != bot.team_id:
            has = f"{bot.team_name} ({bot.team_id})"
            log.warning("the token %s is of workspace %s and not of %s", SETTING, has, workspace)
            raise SendParked(
                f"the bot works for another workspace and not for {workspace}; ask whoever runs "
                f"it for that, {RESUME}"
            )
        return bot

    async def check_token(self, workspace: str, client: AsyncWebClient) -> AsyncWebClient:
        """Ask Slack whether it takes the token, once for all who want to know at a time.

        Raises:
            SendRefusedForNow: it is not taken, so that from now on everything is put off, or
                Slack could not be asked.
            SendParked: the app was removed, or ``workspace`` is another.
        """
        await self.find_bot(workspace)
        checks = self._checks
        async with self._checking:
            if self._checks == checks:
                self._verdict = await self._check_or_none()
                self._checks += 1
        if self._verdict is not None:
            raise copy(self._verdict)
        return client

    async def wait_until_settled(self) -> bool:
        """Wait until Slack has said who we are, or refused the token; whether it is up."""
        await self._settled.wait()
        return self.is_up

    async def wait_until_up(self) -> None:
        """Wait until the token is taken, be it in a year."""
        async with self._came_up:
            await self._came_up.wait_for(lambda: self.is_up)

    async def run(self) -> None:
        """Learn who we are, and look every ``PROBE_S`` whether a refused token is taken again."""
        await self._introduce_ourselves()
        self._settled.set()
        while True:
            async with self._came_up:
                self._came_up.notify_all()
            await self._refused.wait()
            wait_s = min(FIRST_PROBE_S, PROBE_S)
            while self._refused.is_set():
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, PROBE_S)
                await self._probe()

    async def _introduce_ourselves(self) -> None:
        """Ask, however long the network is away; return when settled."""
        wait_s = FIRST_WAIT_S
        while not self._refused.is_set():
            try:
                self._bot = await ask_who_we_are(self._client)
            except Exception as error:  # noqa: BLE001 - whatever answers there: polling goes on
                if told := tell_refused(error):
                    self._refuse(told)
                    return
                delay_s = max(wait_s, retry_after_s(error) or 0.0)
                log.warning(
                    "slack: cannot connect at %s: %s; next attempt in %.0f s",
                    self._api_base,
                    tell_failure(error),
                    delay_s,
                )
                await asyncio.sleep(delay_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            else:
                return

    async def _check_or_none(self) -> SendError | None:
        """What is wrong with the token, if anything is."""
        try:
            await ask_who_we_are(self._client)
        except Exception as error:  # noqa: BLE001 - whatever answers there: nobody else knows
            word = error_of(error)
            if told := tell_parked(word):
                return SendParked(told)
            if told := tell_refused(error):
                self._refuse(told)
                return TokenRefused(f"slack: {told}", retry_after_s=OFF_S, is_general=True)
            told = f"slack: whether the token is taken is not known: {tell_failure(error)}"
            wait_s = max(DOUBTED_S, retry_after_s(error) or 0.0)
            return SendRefusedForNow(told, retry_after_s=wait_s, is_general=True)
        return None

    async def _probe(self) -> None:
        try:
            bot = await ask_who_we_are(self._client)
        except Exception as error:  # noqa: BLE001 - the next look may do better
            log.debug("slack: the token is still not taken: %s", tell_failure(error))
            return
        self._bot = bot
        self._refused.clear()
        log.info("slack: the token is taken again; what is owed is posted now")

    def _refuse(self, why: str) -> None:
        if self._refused.is_set():
            return
        self._refused.set()
        log.error(
            "slack: %s; nothing is posted there and no command answered until the program is"
            " started with a token that is taken. This one is tried again, with longer and longer"
            " waits up to an hour, in case the fault was Slack's",
            why,
        )


@asynccontextmanager
async def open_workspace(account: Account) -> AsyncIterator[OneWorkspace]:
    """The workspace of the token, being asked about while the caller goes on.

    Until Slack has said who we are, sends are put off. Where the network is away it asks again,
    with longer and longer waits; where the token is not taken it says so once, names
    slack.bot_token, and asks again after half a minute, and at last once an hour.

    Args:
        account: with a token.
    """
    async with open_session() as session:
        one = OneWorkspace(account, session)
        running = asyncio.create_task(one.run(), name="slack auth.test")
        try:
            yield one
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def ask_who_we_are(client: AsyncWebClient) -> Bot:
    """Who the bot is where the client's token is from.

    Raises:
        Exception: the library's or the network's.
    """
    answer = await client.auth_test()
    scopes = answer.headers.get("x-oauth-scopes", "")
    return Bot(
        user_id=str(answer.get("user_id", "")),
        bot_id=str(answer.get("bot_id", "")),
        team_id=str(answer.get("team_id", "")),
        team_name=str(answer.get("team", "")),
        url=str(answer.get("url", "")),
        scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        name=str(answer.get("user", "")),
    )


def tell_refused(error: Exception) -> str:
    """Why a token is no good, for the operator; "" for any other failure."""
    word = error_of(error)
    if word in OPERATOR:
        is_about_token = word in REFUSED_TOKEN or word == "enterprise_is_restricted"
        return f"{OPERATOR[word]} {SETTING}" if is_about_token else OPERATOR[word]
    if word in REMOVED:
        return f"the app was removed from the workspace; install it again {SETTING}"
    return f"Slack answered {word} {SETTING}" if tell_parked(word) else ""


def tell_failure(error: Exception) -> str:
    """What went wrong, on one line, without the request."""
    if isinstance(error, SlackApiError) and (word := error_of(error)):
        return f"it answered {word}"
    try:
        said: Exception = judge(error)
    except Exception:  # noqa: BLE001 - a defect, told as what it is
        return f"{type(error).__name__}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return " ".join(str(error).split())[:200]
    return str(said).removeprefix("slack: ") if isinstance(said, SendError) else str(said)
