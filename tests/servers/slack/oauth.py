"""Installing the app by OAuth: a page that gives a code, and the method that takes it.

After the Slack documentation, "Installing with OAuth": codes live ten minutes, and once.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from tests.servers.slack.calls import Answer, Call, method
from tests.servers.slack.refusal import Refused
from tests.servers.slack.world import Team, User

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

CODE_S = 600
CLIENT_ID = "1234567890.9876543210"
CLIENT_SECRET = "invented-client-secret"


@dataclass
class Code:
    """What a person agreed to."""

    team: Team
    user: User
    scopes: tuple[str, ...]
    redirect_uri: str
    at: float
    is_used: bool = False


@method("oauth.v2.access", tier=4, is_open=True, more="grant_type refresh_token")
def access(call: Call) -> Answer:
    """Trade a code for the bot token of a workspace."""
    state = call.state
    if (call.text("client_id"), call.text("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        is_known = call.text("client_id") == CLIENT_ID
        raise Refused("bad_client_secret" if is_known else "invalid_client_id")
    code = state.codes.get(call.text("code"))
    if code is None or time.monotonic() - code.at > CODE_S:
        raise Refused("invalid_code")
    if code.is_used:
        raise Refused("code_already_used")
    if call.text("redirect_uri") != code.redirect_uri:
        raise Refused("bad_redirect_uri")
    code.is_used = True
    team = code.team
    team.token.error, team.token.scopes = "", set(code.scopes)
    return {
        "access_token": team.bot_token,
        "token_type": "bot",
        "scope": ",".join(code.scopes),
        "bot_user_id": team.bot.id,
        "app_id": state.app_id,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "authed_user": {"id": code.user.id},
        "is_enterprise_install": False,
    }


def agree(
    server: SlackServer, user: User, *, scopes: tuple[str, ...], redirect_uri: str = ""
) -> str:
    """Let a person allow the app into their workspace; the code."""
    code = secrets.token_hex(12)
    team = server.teams[user.team_id]
    server.codes[code] = Code(team, user, scopes, redirect_uri, time.monotonic())
    return code


def add_routes(app: web.Application, server: SlackServer) -> None:
    """The page people are sent to; it agrees at once, as ``server.installer``."""

    async def authorize(request: web.Request) -> web.Response:
        asked = request.query
        if asked.get("client_id") != CLIENT_ID:
            return web.Response(status=400, text="invalid_client_id")
        redirect = asked.get("redirect_uri") or server.redirect_uri
        told = {"state": asked.get("state", "")}
        if server.installer is None:
            told["error"] = "access_denied"
        else:
            scopes = tuple(s for s in asked.get("scope", "").split(",") if s)
            kept = asked.get("redirect_uri", "")
            told["code"] = agree(server, server.installer, scopes=scopes, redirect_uri=kept)
        raise web.HTTPFound(f"{redirect}?{urlencode(told)}")

    app.router.add_get("/oauth/v2/authorize", authorize)
