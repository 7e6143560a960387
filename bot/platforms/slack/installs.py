"""The workspaces that installed the app, each with a token of its own.

Several processes may share the database: what one of them hears, the others find when Slack
takes the token that they remember no more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic as monotonic_s
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store.models.bot import Bot as KeptBot
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.parking import RESUME
from bot.errors import SendError, SendParked, SendRefusedForNow
from bot.platforms.slack.clients import make_client
from bot.platforms.slack.doors import INSTALL_PATH
from bot.platforms.slack.failures import (
    OFF_S,
    REFUSED_TOKEN,
    REMOVED,
    RETRY_S,
    Doing,
    TokenRefused,
    error_of,
    judge,
)
from bot.platforms.slack.installations import Installations, find_time
from bot.platforms.slack.installing import InstallableApp, States
from bot.platforms.slack.organizations import Organizations
from bot.platforms.slack.workspaces import Bot, ask_who_we_are

ROTATE_MIN = 120
"""Minutes before a token runs out, if tokens do, at which it is exchanged for the next."""

CLOSE_S = 2.0
"""Seconds for questions to Slack that are under way when the program stops."""

MOMENT = timedelta(milliseconds=1)

log = logging.getLogger(__name__)

_T = TypeVar("_T")


@dataclass(slots=True)
class _Reached:
    """A workspace that can be written to.

    Attributes:
        kept: the installation, its own or an organization's.
        bot: who we are there, once somebody asked.
        look_again_s: when its token is to be exchanged, on ``time.time``; None for never.
    """

    client: AsyncWebClient
    kept: KeptBot
    look_again_s: float | None
    bot: Bot | None = None


@dataclass(frozen=True, slots=True)
class _Refused:
    """A token that Slack does not take, and is asked again about later, each time after longer.

    Attributes:
        until_s: on ``time.monotonic``.
    """

    until_s: float
    wait_s: float


class InstalledWorkspaces:
    """The ``Workspaces`` of an app that many install.

    What is found is remembered until an installation comes or goes.

    Attributes:
        store, states: slack_sdk's, for the installing itself.
        nobody: a client without a token.
        how_to_install: for people whose workspace has not got it yet.
        way_back: for those whose workspace removed it.

    Args:
        engine: whose transactions that write wait for their turn, see ``Database.guest_engine``.
        session: of ``open_session``.
    """

    def __init__(
        self, app: InstallableApp, engine: AsyncEngine, session: aiohttp.ClientSession
    ) -> None:
        assert app.client_secret is not None
        self.store = Installations(app.client_id, engine, told=self._forget_all)
        self.states = States(engine)
        self.nobody = make_client(None, api_base=app.api_base, session=session)
        address = f"{app.public_url}{INSTALL_PATH}"
        self.how_to_install = f"to install it: {address}"
        self.way_back = (
            "the app is not installed in the workspace any more; install it again at "
            f"{address}, {RESUME}"
        )
        self._api_base = app.api_base
        self._session = session
        self._rotator = AsyncTokenRotator(
            client_id=app.client_id,
            client_secret=app.client_secret.get_secret_value(),
            client=self.nobody,
        )
        self._reached: dict[str, asyncio.Task[_Reached]] = {}
        self._refused: dict[str, _Refused] = {}
        self._checking: dict[str, asyncio.Task[AsyncWebClient]] = {}
        self._work: set[asyncio.Task[Any]] = set()
        self._organizations = Organizations(self._start)

    @property
    def is_up(self) -> bool:
        """Whether it makes sense to send; each workspace says so for itself."""
        return True

    async def count(self) -> int:
        """How many workspaces, or whole organizations, have installed the app."""
        return await self.store.count()

    async def find_client(self, workspace: str) -> AsyncWebClient:
        """The client with the token that ``workspace`` gave.

        Raises:
            SendParked: it has not installed the app, or not any more.
            SendRefusedForNow, SendUnclear: Slack does not say, or takes the token not now.
        """
        return (await self._reach(workspace)).client

    async def find_bot(self, workspace: str) -> Bot:
        """Who the bot is in ``workspace``.

        Raises:
            SendError: as ``find_client``.
        """
        reached = await self._reach(workspace)
        if reached.bot is None:
            try:
                told = await ask_who_we_are(reached.client)
                reached.bot = replace(told, team_id=workspace)  # of an organization's too
            except Exception as error:
                raise judge(error, doing=Doing.READ) from error
        return reached.bot

    async def check_token(self, workspace: str, client: AsyncWebClient) -> AsyncWebClient:
        """Slack answered a word about its token to a call with ``client``: ask whether it is so.

        Many who ask at once share one look.

        Returns:
            ``client`` where its token is taken all the same, or another one where there is
            another token by now, whichever process got it.

        Raises:
            SendParked: the app was removed there.
            SendRefusedForNow: the token is not taken, or Slack cannot be asked now.
        """
        task = self._checking.get(workspace)
        if task is None:
            task = self._checking[workspace] = self._start(self._check(workspace, client))
            task.add_done_callback(lambda _: self._checking.pop(workspace, None))
        return await _wait_for(task)

    async def forget(self, workspace: str) -> bool:
        """Slack says that ``workspace`` removed the app; whether that is so.

        It is not where Slack still takes the token: what was heard is older than the latest
        installation. Else the token is deleted, and what is owed there is to wait. Where Slack
        cannot be asked, nothing is known: False, and the next post finds out. Never raises for
        what Slack answers.
        """
        return await _wait_for(self._start(self._forget(workspace)))

    async def aclose(self) -> None:
        """Let what is under way end; what has not after ``CLOSE_S`` is broken off.

        Transactions are not, see ``Installations``.
        """
        if self._work:
            await asyncio.wait(self._work, timeout=CLOSE_S)
        while left := tuple(self._work):
            for task in left:
                task.cancel()
            await asyncio.wait(left)

    async def _check(self, workspace: str, client: AsyncWebClient) -> AsyncWebClient:
        found = await self._reach(workspace)
        if found.client.token == client.token:  # the store may know better, and the organization
            self._reached.pop(workspace, None)
            self._organizations.forget(found.kept)
            found = await self._reach(workspace)
        if found.client.token != client.token:
            return found.client
        try:
            await client.auth_test()
        except Exception as failed:
            word = error_of(failed)
            if word in REMOVED:
                await self._remove(found.kept, word)
                return (await self._reach(workspace)).client  # raises where it was the last one
            if word in REFUSED_TOKEN:
                raise self._refuse(workspace, word) from failed
            raise _put_off(failed) from failed
        self._refused.pop(workspace, None)
        return client

    def _refuse(self, workspace: str, word: str) -> SendRefusedForNow:
        """The token is asked about again after a while, or after a new one."""
        before, now_s = self._refused.get(workspace), monotonic_s()
        wait_s = RETRY_S
        if before is not None and now_s < before.until_s + OFF_S:
            wait_s = min(before.wait_s * 2, OFF_S)
        self._refused[workspace] = _Refused(now_s + wait_s, wait_s)
        log.warning("slack: the token of %s is not taken: %s", workspace, word)
        return _not_taken(workspace, wait_s)

    async def _forget(self, workspace: str) -> bool:
        is_gone = True
        for found in await self.store.find_bots(workspace):
            kept = await self._rotate(found)
            self._organizations.forget(kept)
            try:
                is_there = await self._is_for(kept, workspace)
                if is_there and kept.team_id is not None:
                    await self._make_client(kept).auth_test()
            except Exception as error:  # noqa: BLE001 - whatever comes of it, it is no "yes"
                word = error_of(error)
                if word in REMOVED:
                    await self._remove(kept, word)
                    continue
                told = word or type(error).__name__
                log.warning("slack: whether %s was removed is not known: %s", _name(kept), told)
                is_gone = False
            else:
                is_gone = is_gone and not is_there
            if not is_gone:
                break
        self._reached.pop(workspace, None)
        return is_gone

    async def _remove(self, kept: KeptBot, word: str) -> None:
        log.info("slack: removed from %s: %s", _name(kept), word)
        # Not one that comes in this moment.
        await self.store.remove(kept, before=find_time(kept) + MOMENT)
        self._forget_all()

    def _forget_all(self) -> None:
        """Find anew what is asked from now on."""
        self._reached.clear()
        self._refused.clear()

    async def _reach(self, workspace: str) -> _Reached:
        refused = self._refused.get(workspace)
        left_s = refused.until_s - monotonic_s() if refused else 0.0
        if left_s > 0:
            raise _not_taken(workspace, left_s)
        task = self._reached.get(workspace)
        if task is None or _is_over(task):
            task = self._reached[workspace] = self._start(self._look_up(workspace))
        return await _wait_for(task)

    async def _look_up(self, workspace: str) -> _Reached:
        """What reaches ``workspace``: its own token, or that of an organization it belongs to.

        What Slack says to a token that is not for this workspace is no verdict on it.
        """
        unasked: Exception | None = None
        for kept in await self.store.find_bots(workspace):
            bot = await self._rotate(kept)
            try:
                is_it = await self._is_for(bot, workspace)
            except Exception as error:  # noqa: BLE001 - the next one may be for it
                if error_of(error) not in REMOVED:
                    log.info("slack: %s cannot be asked: %s", _name(bot), type(error).__name__)
                    unasked = unasked or error
                continue
            if is_it:
                expires_s = bot.bot_token_expires_at
                is_lent = bot.team_id is None  # by an organization, which must name the workspace
                client = self._make_client(bot, lent_to=workspace if is_lent else None)
                return _Reached(client, bot, expires_s and expires_s - ROTATE_MIN * 60)
        if unasked is not None:
            raise _put_off(unasked) from unasked
        raise SendParked(self.way_back)

    async def _is_for(self, kept: KeptBot, workspace: str) -> bool:
        """Whether a token reaches ``workspace``; an organization's does where it was let."""
        if kept.team_id is not None:
            return kept.team_id == workspace
        return await self._organizations.has(kept, workspace, self._make_client(kept))

    async def _rotate(self, kept: KeptBot) -> KeptBot:
        """The token that is good now; only an app with token rotation has several.

        Source: Slack documentation, "Using token rotation".
        """
        try:
            new = await self._rotator.perform_bot_token_rotation(
                bot=kept, minutes_before_expiration=ROTATE_MIN
            )
        except SlackTokenRotationError as error:
            log.warning("slack: no new token for %s: %s", _name(kept), error_of(error.api_error))
            return kept
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("slack: no new token for %s: %s", _name(kept), type(error).__name__)
            return kept
        if new is None:
            return kept
        await self.store.async_save_bot(new)
        return new

    def _make_client(self, kept: KeptBot, *, lent_to: str | None = None) -> AsyncWebClient:
        client = make_client(kept.bot_token, api_base=self._api_base, session=self._session)
        if lent_to is not None:
            client.default_params["team_id"] = lent_to
        return client

    def _start(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Begin ``work``, which nobody breaks off: there are transactions in it."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._work.discard(task)
        if not task.cancelled():
            task.exception()  # seen; whoever waited for it may be gone


async def _wait_for(task: asyncio.Task[_T]) -> _T:
    """What comes of ``task``, which others may wait for too.

    Raises:
        SendRefusedForNow: it was broken off, as the program stops.
    """
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        me = asyncio.current_task()
        if me is not None and me.cancelling():
            raise
        raise SendRefusedForNow("slack: the program stops", is_general=True) from None


def _not_taken(workspace: str, wait_s: float) -> TokenRefused:
    told = f"slack: the token of {workspace} is not taken"
    return TokenRefused(told, retry_after_s=wait_s, is_general=True)


def _put_off(error: Exception) -> SendRefusedForNow:
    """Nothing was sent, and whether it may be is not known: for whatever a question met."""
    try:
        said: Exception = judge(error, doing=Doing.READ)
    except Exception as defect:  # one organization's oddity stops no other
        log.warning("slack: an answer was not understood", exc_info=defect)
        said = SendError("slack: an answer was not understood")
    wait_s = said.retry_after_s if isinstance(said, SendRefusedForNow) else None
    return SendRefusedForNow(str(said), retry_after_s=wait_s or RETRY_S, is_general=True)


def _is_over(task: asyncio.Task[_Reached]) -> bool:
    """Whether what was found is of no use any more."""
    if not task.done():
        return False
    if task.cancelled() or task.exception() is not None:
        return True
    again_s = task.result().look_again_s
    return again_s is not None and time.time() >= again_s


def _name(kept: KeptBot) -> str:
    name = kept.team_name or kept.enterprise_name
    return f"{name} ({kept.team_id or kept.enterprise_id})"
