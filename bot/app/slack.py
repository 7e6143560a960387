"""Joins Slack: what posts there, and what people talk to, over a socket or by HTTP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace

import aiohttp
from pydantic import SecretStr
from slack_bolt.app.async_app import AsyncApp
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.commands.answer import Answer
from bot.commands.command import Office
from bot.model import Platform
from bot.platforms.slack.bolt import make_app
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.clerk import Clerk
from bot.platforms.slack.clients import make_client, open_session
from bot.platforms.slack.events import NAMES, WorkspaceEvents
from bot.platforms.slack.forms import Forms
from bot.platforms.slack.home import Homes
from bot.platforms.slack.installs import InstalledWorkspaces
from bot.platforms.slack.manifest import load_manifest
from bot.platforms.slack.mentions import Listener
from bot.platforms.slack.notice import Notices
from bot.platforms.slack.pacer import Pacer
from bot.platforms.slack.people import People
from bot.platforms.slack.places import SlackPlaces
from bot.platforms.slack.reception import Reception
from bot.platforms.slack.replies import Replies
from bot.platforms.slack.rights import Rights
from bot.platforms.slack.sender import SlackSender
from bot.platforms.slack.supervisor import FINISH_S, Supervisor
from bot.platforms.slack.web import open_web
from bot.platforms.slack.workspaces import OneWorkspace, Workspaces, open_workspace
from bot.ports import Clock
from bot.ports.shared import Shared
from bot.settings import Settings, SlackSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SlackSide:
    """What the rest of the program knows of Slack; see ``bot.app.sides.Side``.

    Attributes:
        listen: takes what people do, until it is cancelled.
        hears: whether it does, as far as that can be told: Slack's own requests need no socket.
    """

    workspaces: OneWorkspace | InstalledWorkspaces
    sender: SlackSender
    notice: Notices
    reception: Reception
    listen: Callable[[], Awaitable[None]]
    hears: Callable[[], bool]
    name: str = "Slack"

    @property
    def is_heard(self) -> bool:
        """Whether what people do arrives: a socket is open, or the token is taken."""
        return self.hears()

    async def run(self) -> None:
        """Answer people until this is cancelled."""
        await self.listen()

    async def tell(self, workspace: str, person: str, said: Answer) -> None:
        """Tell a person of ``workspace`` something in a direct message, once."""
        await self.notice.tell(workspace, person, said)

    def call_when_done(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called after each command, as it may have made posts due."""
        self.reception.after.append(lambda _workspace, _user: wake())

    async def wait_until_settled(self) -> None:
        """Wait until posts can be made, or cannot be for now."""
        if isinstance(self.workspaces, OneWorkspace):
            await self.workspaces.wait_until_settled()

    async def introduce(self, doing: str = "posting to") -> str:
        """Under which name it posts, or how workspaces install it, once that is known."""
        if isinstance(self.workspaces, InstalledWorkspaces):
            count = await self.workspaces.count()
            where = "1 workspace" if count == 1 else f"{count} workspaces"
            return f"{doing} Slack in {where}; {self.workspaces.how_to_install}"
        if not await self.workspaces.wait_until_settled():
            return f"not {doing} Slack: the token is not taken (slack.bot_token)"
        bot = self.workspaces.bot
        return f"{doing} Slack as {bot.name} in {bot.team_name}"


@asynccontextmanager
async def open_slack(
    settings: Settings,
    office: Office,
    *,
    engine: AsyncEngine,
    clock: Clock,
    shared: Shared | None = None,
) -> AsyncIterator[SlackSide]:
    """Get ready to post, and to be talked to.

    Args:
        office: what commands work with; they get it with the channels of Slack added.
        engine: of the database, for workspaces that install the app.
        shared: with other processes that speak for the bot; None where there are none.
    """
    account = settings.slack
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session())
        workspaces = await _open_workspaces(stack, account, engine, session)
        calls = Calls(workspaces, Pacer(account.max_posts_per_min, budgets=shared))
        people = People(calls)
        places = SlackPlaces(calls, people)
        office = replace(
            office,
            places={**office.places, Platform.SLACK: places},
            is_feeds_open=account.feeds_open,
        )
        reception, notice = make_reception(
            office, clock, calls, people, session, managers=account.managers
        )
        app = make_app(
            reception,
            client=make_client(None, api_base=account.api_base, session=session),
            workspace_events=tuple(NAMES),
            signing_secret=_read(account.signing_secret),
            seen=shared,
        )
        listen, hears = _make_listening(account, app, workspaces, reception, session)
        sender = SlackSender(calls, clock=clock, places=places)
        yield SlackSide(workspaces, sender, notice, reception, listen, hears)


def make_reception(
    office: Office,
    clock: Clock,
    calls: Calls,
    people: People,
    session: aiohttp.ClientSession,
    *,
    managers: str,
) -> tuple[Reception, Notices]:
    """Everything that answers people, joined; and what tells them of a parked channel."""
    workspaces: Workspaces = calls.workspaces
    rights = Rights(people, office.store, managers=managers)
    clerk, replies = Clerk(office, clock, people, rights), Replies(calls, session, people)
    homes = Homes(office, clock, rights, people, workspaces)
    notice = Notices(calls)
    after: list[Callable[[str, str], None]] = [homes.refresh]

    def note_done(workspace: str, user: str) -> None:
        for call in after:
            call(workspace, user)

    reception = Reception(
        clerk=clerk,
        replies=replies,
        listener=Listener(clerk, replies, workspaces),
        workspaces=workspaces,
        forms=Forms(office, clock, rights, people, after=note_done),
        homes=homes,
        events=WorkspaceEvents(
            office.store,
            calls,
            people,
            notice,
            installations=workspaces if isinstance(workspaces, InstalledWorkspaces) else None,
        ),
        after=after,
    )
    return reception, notice


async def _open_workspaces(
    stack: AsyncExitStack,
    account: SlackSettings,
    engine: AsyncEngine,
    session: aiohttp.ClientSession,
) -> OneWorkspace | InstalledWorkspaces:
    if account.bot_token is not None:
        return await stack.enter_async_context(open_workspace(account))
    installed = InstalledWorkspaces(account, engine, session)
    stack.push_async_callback(installed.aclose)
    return installed


def _make_listening(
    account: SlackSettings,
    app: AsyncApp,
    workspaces: OneWorkspace | InstalledWorkspaces,
    reception: Reception,
    session: aiohttp.ClientSession,
) -> tuple[Callable[[], Awaitable[None]], Callable[[], bool]]:
    """What takes people's requests while it runs, and whether it can.

    It can be run again after it failed.
    """
    if account.mode == "socket":
        supervisor = Supervisor(
            app_token=_read(account.app_token),
            web_client=make_client(None, api_base=account.api_base, session=session),
            app=app,
            reception=reception,
        )
        return supervisor.run, lambda: supervisor.is_up

    async def listen() -> None:
        try:
            async with open_web(
                account,
                app,
                workspaces=workspaces if isinstance(workspaces, InstalledWorkspaces) else None,
                scopes=load_manifest().scopes,
                is_healthy=lambda: workspaces.is_up,
            ) as door:
                log.info("slack: listening at %s", door.address)
                await asyncio.Event().wait()
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(FINISH_S):
                    await reception.finish()
            await reception.break_off()

    return listen, lambda: workspaces.is_up


def _read(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
