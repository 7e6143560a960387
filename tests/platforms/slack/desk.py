"""A bot that people talk to, in front of the loopback Slack: real clients, a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.app.slack import make_reception
from bot.catalogue import load_catalogue
from bot.commands.answer import Answer
from bot.commands.command import Action, Call, Command, Office
from bot.commands.table import TABLE
from bot.matching import Matcher
from bot.model import Destination, Platform
from bot.platforms.slack.bolt import make_app
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.clients import make_client, open_session
from bot.platforms.slack.events import NAMES
from bot.platforms.slack.pacer import Pacer
from bot.platforms.slack.people import People
from bot.platforms.slack.places import SlackPlaces
from bot.platforms.slack.reception import Reception
from bot.platforms.slack.supervisor import Patience, Supervisor
from bot.platforms.slack.workspaces import OneWorkspace, open_workspace
from bot.ports import Places
from bot.settings import SlackSettings
from bot.store import SqlStore, open_store
from tests.servers.slack import Act, Channel, SlackServer, User

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = load_catalogue(ROOT / "config")
MATCHER = Matcher(CATALOGUE)
HASTE = Patience(
    first_s=0.05, longest_s=0.2, hopeless_s=0.3, open_s=5.0, linger_s=0.2, ping_s=5.0, look_s=0.05
)


@dataclass
class Desk:
    """A bot at work; ``table`` and ``actions`` may be a test's own."""

    server: SlackServer
    store: SqlStore
    office: Office
    workspaces: OneWorkspace
    calls: Calls
    people: People
    reception: Reception
    app: AsyncApp
    supervisor: Supervisor

    def place(self, channel: Channel | None = None, *, thread: str = "") -> Destination:
        chosen = channel or self.server.channel
        return Destination(Platform.SLACK, chosen.team_id, chosen.id, thread)

    async def ask(
        self, line: str, *, user: User | None = None, channel: Channel | None = None
    ) -> Act:
        """Type a slash command, as a member of the channel."""
        return await self.server.slash(line, user=user, channel=channel)

    async def answer(
        self, line: str, *, user: User | None = None, channel: Channel | None = None
    ) -> str:
        """All that a command's answer says."""
        return (await self.ask(line, user=user, channel=channel)).text

    async def wait_until_up(self) -> None:
        """Until requests arrive, and Slack has said who the bot is."""
        await until(lambda: self.supervisor.is_up and self.workspaces.is_up)


class Noting:
    """A command that keeps its calls."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    async def __call__(self, call: Call) -> Answer:
        self.calls.append(call)
        return Answer("Kept")


async def until(is_so: Callable[[], object], *, timeout_s: float = 15.0) -> None:
    """Look until it is so.

    Raises:
        TimeoutError: it never was.
    """
    async with asyncio.timeout(timeout_s):
        while not is_so():  # noqa: ASYNC110 - what is waited for is not ours to set an event
            await asyncio.sleep(0.01)


def now() -> datetime:
    return datetime.now(UTC)


def settings_for(server: SlackServer, **changes: Any) -> SlackSettings:
    """Settings with the server's address and tokens."""
    given: dict[str, Any] = {
        "bot_token": server.bot_token,
        "app_token": server.app_token,
        "api_base": server.api_base,
    }
    return SlackSettings(**(given | changes))


@asynccontextmanager
async def open_desk(
    *,
    table: tuple[Command, ...] = TABLE,
    actions: Mapping[str, Action] | None = None,
    patience: Patience = HASTE,
    server: SlackServer | None = None,
    store: SqlStore | None = None,
    announce_after_s: float = 3.0,
    managers: str = "everyone",
    is_waited_for: bool = True,
    is_clean: bool = True,
    prepare: Callable[[SlackServer], None] = lambda _: None,
) -> AsyncIterator[Desk]:
    """Everything, connected; a ``server`` or ``store`` of the caller's stays open.

    Args:
        is_clean: in the end there must be nothing that Slack would show wrongly, no limit of
            Slack's overrun, and nothing without a receipt in time.
    """
    async with AsyncExitStack() as stack:
        if server is None:
            server = await stack.enter_async_context(SlackServer())
        if store is None:
            store = await stack.enter_async_context(await open_store("sqlite://"))
        prepare(server)
        account = settings_for(server, managers=managers)
        session = await stack.enter_async_context(open_session())
        workspaces = await stack.enter_async_context(open_workspace(account))
        calls = Calls(workspaces, Pacer(posts_per_min=account.max_posts_per_min))
        people = People(calls)
        places: Mapping[str, Places] = {Platform.SLACK: SlackPlaces(calls, people)}
        office = Office(store, CATALOGUE, MATCHER, places=places)
        reception, _ = make_reception(office, now, calls, people, session, managers=managers)
        known: dict[str, Any] = {"table": table}
        if actions is not None:
            known["find_action"] = actions.get
        clerk = replace(reception.clerk, **known)
        reception = replace(
            reception,
            clerk=clerk,
            listener=replace(reception.listener, clerk=clerk),
            announce_after_s=announce_after_s,
        )
        client = make_client(None, api_base=account.api_base, session=session)
        app = make_app(reception, client=client, workspace_events=tuple(NAMES))
        supervisor = Supervisor(
            app_token=server.app_token,
            web_client=client,
            app=app,
            reception=reception,
            patience=patience,
        )
        desk = Desk(server, store, office, workspaces, calls, people, reception, app, supervisor)
        running = asyncio.create_task(supervisor.run())
        try:
            if is_waited_for:
                await desk.wait_until_up()
            yield desk
        finally:
            running.cancel()
            await asyncio.wait({running})
        if is_clean:
            assert server.complaints == []
            assert not server.limiter.overruns
            assert server.hand_over.late == []
