"""The workspaces that installed the app, each with a token of its own.

The tables are slack_sdk's, in our database, read and written by its store. It finds a workspace
by its organization too, which a destination does not name; so that search is made here.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store.models.bot import Bot as KeptBot
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import (
    AsyncSQLAlchemyInstallationStore,
    SQLAlchemyInstallationStore,
)
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import and_, distinct, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import SendParked, SendRefusedForNow
from bot.platforms.slack.clients import make_client
from bot.platforms.slack.doors import INSTALL_PATH
from bot.platforms.slack.failures import OFF_S, RESUME, Doing, error_of, judge
from bot.platforms.slack.installing import InstallableApp, States
from bot.platforms.slack.workspaces import Bot, ask_who_we_are

ROTATE_MIN = 120
"""Minutes before a token runs out, if tokens do, at which it is exchanged for the next."""

TEAMS_PER_PAGE = 200

MOMENT = timedelta(milliseconds=1)

REMOVED = frozenset({"account_inactive", "token_revoked"})
"""What Slack answers to the token of a workspace that removed the app.

Source: Slack documentation, auth.test, Errors.
"""

log = logging.getLogger(__name__)

_T = TypeVar("_T")


class Installations(AsyncSQLAlchemyInstallationStore):
    """slack_sdk's store, with one installation of each workspace: the latest.

    Args:
        told: called when one was added.
    """

    def __init__(self, client_id: str, engine: AsyncEngine, *, told: Callable[[], None]) -> None:
        super().__init__(client_id, engine, logger=log)
        self._told = told

    async def async_save(self, installation: Installation) -> None:
        """Keep it, and forget those before it of the same workspace or organization."""
        await super().async_save(installation)
        bot = installation.to_bot()
        await self.remove(bot, before=_time(bot))
        self._told()

    async def find_bots(self, workspace: str) -> tuple[KeptBot, ...]:
        """Which tokens may be for ``workspace``: its own, and organizations'; latest first."""
        c = self.bots.c
        wanted = (
            select(self.bots)
            .where(c.client_id == self.client_id, c.bot_token.is_not(None))
            .where(or_(c.team_id == workspace, c.team_id.is_(None)))
            .order_by(c.installed_at.desc(), c.id.desc())
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        return tuple(SQLAlchemyInstallationStore.build_bot_entity(row) for row in rows)

    async def count(self) -> int:
        """How many workspaces and organizations there are."""
        c = self.bots.c
        places = select(func.count(distinct(func.coalesce(c.team_id, c.enterprise_id)))).where(
            c.client_id == self.client_id, c.bot_token.is_not(None)
        )
        async with self.engine.connect() as connection:
            return int(await connection.scalar(places) or 0)

    async def remove(self, bot: KeptBot, *, before: datetime) -> None:
        """Forget what the workspace or organization of ``bot`` installed before ``before``.

        Args:
            before: UTC without an offset, as slack_sdk writes it.
        """
        async with self.engine.begin() as connection:
            for table in (self.bots, self.installations):
                c = table.c
                is_it = and_(c.team_id.is_(None), c.enterprise_id == bot.enterprise_id)
                if bot.team_id is not None:
                    is_it = c.team_id == bot.team_id
                is_it = and_(is_it, c.client_id == self.client_id, c.installed_at < before)
                await connection.execute(table.delete().where(is_it))


@dataclass(slots=True)
class _Reached:
    """A workspace that can be written to.

    Attributes:
        bot: who we are there, once somebody asked.
        look_again_s: when its token is to be exchanged, on ``time.time``; None for never.
    """

    client: AsyncWebClient
    look_again_s: float | None
    bot: Bot | None = None


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
        self._refused_until_s: dict[str, float] = {}
        self._work: set[asyncio.Task[Any]] = set()

    @property
    def is_up(self) -> bool:
        """Whether it makes sense to send; each workspace says so for itself."""
        return True

    async def count(self) -> int:
        """How many workspaces, or whole organizations, have installed the app."""
        return await self._whole(self.store.count())

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

    def refuse(self, workspace: str, error: str) -> None:
        """Slack did not take the token; it is asked again after a while, or after a new one."""
        self._reached.pop(workspace, None)
        if error != "token_expired":  # then the next one is fetched at once
            self._refused_until_s[workspace] = time.monotonic() + OFF_S
        log.warning("slack: the token of %s is not taken: %s", workspace, error)

    async def forget(self, workspace: str) -> bool:
        """Slack says that ``workspace`` removed the app; whether that is so.

        It is not where Slack still takes the token: what was heard is older than the latest
        installation. Else the token is deleted, and what is owed there is to wait. Never raises
        for what Slack answers.
        """
        return await self._whole(self._forget(workspace))

    async def aclose(self) -> None:
        """Let transactions under way end."""
        while self._work:
            await asyncio.wait(self._work)

    async def _forget(self, workspace: str) -> bool:
        is_there = False
        for found in await self.store.find_bots(workspace):
            kept = await self._rotate(found)
            client = self._make_client(kept)
            try:
                await client.auth_test()
                is_there = is_there or await _is_for(kept, workspace, client)
            except Exception as error:  # noqa: BLE001 - whatever comes of it, it is no "yes"
                if error_of(error) in REMOVED:
                    log.info("slack: removed from %s: %s", _name(kept), error_of(error))
                    # Not one that comes in this moment.
                    await self.store.remove(kept, before=_time(kept) + MOMENT)
        self._forget_all()
        return not is_there

    def _forget_all(self) -> None:
        """Find anew what is asked from now on."""
        self._reached.clear()
        self._refused_until_s.clear()

    async def _reach(self, workspace: str) -> _Reached:
        if time.monotonic() < self._refused_until_s.get(workspace, 0.0):
            told = f"slack: the token of {workspace} is not taken"
            raise SendRefusedForNow(told, retry_after_s=OFF_S, is_general=True)
        task = self._reached.get(workspace)
        if task is None or _is_over(task):
            task = self._start(self._look_up(workspace))
            self._reached[workspace] = task
        return await asyncio.shield(task)

    async def _look_up(self, workspace: str) -> _Reached:
        for kept in await self.store.find_bots(workspace):
            bot = await self._rotate(kept)
            is_lent = bot.team_id is None  # by an organization, which must name the workspace
            client = self._make_client(bot, lent_to=workspace if is_lent else None)
            try:
                is_it = await _is_for(bot, workspace, client)
            except Exception as error:
                if error_of(error) not in REMOVED:
                    raise judge(error, doing=Doing.READ) from error
                continue  # the organization removed the app
            if is_it:
                expires_s = bot.bot_token_expires_at
                return _Reached(client, expires_s and expires_s - ROTATE_MIN * 60)
        raise SendParked(self.way_back)

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

    async def _whole(self, work: Coroutine[Any, Any, _T]) -> _T:
        return await asyncio.shield(self._start(work))


async def _is_for(kept: KeptBot, workspace: str, client: AsyncWebClient) -> bool:
    """Whether a token reaches ``workspace``; an organization's does where it was let.

    Source: Slack documentation, auth.teams.list.
    """
    if kept.team_id is not None:
        return kept.team_id == workspace
    async for page in await client.auth_teams_list(limit=TEAMS_PER_PAGE):
        if any(team["id"] == workspace for team in page.get("teams", ())):
            return True
    return False


def _is_over(task: asyncio.Task[_Reached]) -> bool:
    """Whether what was found is of no use any more."""
    if not task.done():
        return False
    if task.cancelled() or task.exception() is not None:
        return True
    again_s = task.result().look_again_s
    return again_s is not None and time.time() >= again_s


def _time(kept: KeptBot) -> datetime:
    """When it was installed, as slack_sdk writes it."""
    return datetime.fromtimestamp(kept.installed_at, tz=UTC).replace(tzinfo=None)


def _name(kept: KeptBot) -> str:
    name = kept.team_name or kept.enterprise_name
    return f"{name} ({kept.team_id or kept.enterprise_id})"
