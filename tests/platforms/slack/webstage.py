"""Slack over HTTP in a test: the loopback Slack, the open door, and a browser before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Protocol

import aiohttp
from pydantic import SecretStr
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from sqlalchemy import func, select

from bot.platforms.slack.clients import make_client, open_session
from bot.platforms.slack.doors import EVENTS_PATH
from bot.platforms.slack.installs import InstalledWorkspaces
from bot.platforms.slack.web import WebDoor, open_web
from bot.settings import SlackSettings
from bot.store import SqlStore
from tests.servers.slack import SlackServer
from tests.servers.slack.calls import METHODS, Method
from tests.servers.slack.oauth import CLIENT_ID, CLIENT_SECRET
from tests.servers.slack.world import Team

PUBLIC = "https://news.example.org"
SCOPES = ("channels:read", "chat:write", "commands")


def settings_for(server: SlackServer, **changes: Any) -> SlackSettings:
    """Settings for HTTP and many workspaces."""
    given: dict[str, Any] = {
        "mode": "http",
        "signing_secret": SecretStr(server.hand_over.signing_secret),
        "client_id": CLIENT_ID,
        "client_secret": SecretStr(CLIENT_SECRET),
        "public_url": PUBLIC,
        "api_base": server.api_base.removesuffix("/"),
        "listen": "127.0.0.1:0",
    }
    return SlackSettings(**(given | changes))


@dataclass
class Heard:
    """A bolt app that keeps what it is told."""

    app: AsyncApp
    commands: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


def make_listener(server: SlackServer, session: aiohttp.ClientSession) -> Heard:
    """Bolt as the program makes it: authorized by the signature alone."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)

    client = make_client(None, api_base=server.api_base, session=session)
    secret = server.hand_over.signing_secret
    heard = Heard(AsyncApp(client=client, signing_secret=secret, authorize=authorize))

    @heard.app.command("/news")
    async def news(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.commands.append(body["text"])
        await ack("latest news")

    @heard.app.event("app_home_opened")
    async def home(event: dict[str, Any]) -> None:
        heard.events.append(event["type"])

    return heard


class Reachable(Protocol):
    """What listens somewhere."""

    @property
    def address(self) -> str:
        """Where."""
        ...


@dataclass
class Browser:
    """A person's browser: keeps cookies, and reaches PUBLIC through the proxy before the door."""

    session: aiohttp.ClientSession
    door: Reachable
    cookies: SimpleCookie = field(default_factory=SimpleCookie)

    async def get(self, url: str) -> tuple[int, str, str]:
        """Status, where it is sent on, and the page."""
        is_ours = url.startswith(PUBLIC)
        reached = self.door.address + url.removeprefix(PUBLIC) if is_ours else url
        sent = {key: one.value for key, one in self.cookies.items()} if is_ours else {}
        async with self.session.get(reached, allow_redirects=False, cookies=sent) as answer:
            for line in answer.headers.getall("Set-Cookie", ()):
                assert "Secure" in line
                assert "HttpOnly" in line
                self.cookies.load(line)
            self.cookies = SimpleCookie(
                {key: one.value for key, one in self.cookies.items() if one.value != "deleted"}
            )
            return answer.status, answer.headers.get("Location", ""), await answer.text()

    async def begin(self) -> str:
        """Open the address for installing; where Slack sends the person back to in the end."""
        status, slack, _ = await self.get(f"{PUBLIC}/slack/install")
        assert status == 302
        status, back, _ = await self.get(slack)
        assert status == 302
        assert back.startswith(f"{PUBLIC}/slack/oauth_redirect?")
        return back

    async def install(self) -> tuple[int, str]:
        """From the first step to the last: status and page."""
        status, _, page = await self.get(await self.begin())
        return status, page


@dataclass
class Many:
    """An app that many workspaces install."""

    server: SlackServer
    store: SqlStore
    workspaces: InstalledWorkspaces
    door: WebDoor
    session: aiohttp.ClientSession
    heard: Heard
    restart: Callable[[], InstalledWorkspaces]

    def browser(self) -> Browser:
        """One that was never here."""
        return Browser(self.session, self.door)

    async def install(self, team: Team) -> str:
        """Have somebody of ``team`` install the app; the page at the end."""
        found = [user for user in team.users.values() if not user.is_bot]
        self.server.installer = found[0] if found else self.server.add_user("installer", team=team)
        status, page = await self.browser().install()
        assert status == 200, page
        return page

    async def count_kept(self) -> tuple[int, int]:
        """Rows of installations and of bots."""
        kept = self.workspaces.store
        async with self.store.database.reading() as connection:
            first = await connection.scalar(select(func.count()).select_from(kept.installations))
            second = await connection.scalar(select(func.count()).select_from(kept.bots))
        return first or 0, second or 0


@asynccontextmanager
async def open_many(server: SlackServer, store: SqlStore) -> AsyncIterator[Many]:
    """The app on ``store``, listening."""
    account = settings_for(server)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar) as visiting, open_session() as session:

        def start() -> InstalledWorkspaces:
            return InstalledWorkspaces(account, store.database.guest_engine, session)

        workspaces = start()
        heard = make_listener(server, session)
        async with open_web(account, heard.app, workspaces=workspaces, scopes=SCOPES) as door:
            server.hand_over.request_url = door.address + EVENTS_PATH
            yield Many(server, store, workspaces, door, visiting, heard, start)
        await workspaces.aclose()


@contextmanager
def answering(method: Method) -> Iterator[None]:
    """Have the loopback Slack know a method, or answer one differently."""
    before = METHODS.get(method.name)
    METHODS[method.name] = method
    try:
        yield
    finally:
        del METHODS[method.name]
        if before is not None:
            METHODS[method.name] = before
