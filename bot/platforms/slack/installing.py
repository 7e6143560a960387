"""How a workspace installs the app: slack_bolt's OAuth flow, with our database and our pages.

Source: Slack documentation, "Installing with OAuth".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urljoin

from pydantic import SecretStr
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.platforms.slack.doors import INSTALL_PATH, REDIRECT_PATH
from bot.platforms.slack.pages import draw_failure, draw_installed

STATE_S = 600
"""Seconds from the first step of an installation to the last."""

MOST_BEGUN = 1000
"""Installations under way; anybody can begin one, and each is a row."""

log = logging.getLogger(__name__)

_T = TypeVar("_T")


class TooManyBegun(Exception):
    """Nobody can begin an installation before others run out."""


class InstallableApp(Protocol):
    """The app that workspaces install: of the section ``slack`` of the settings."""

    @property
    def client_id(self) -> str:
        """Of the app."""
        ...

    @property
    def client_secret(self) -> SecretStr | None:
        """Of the app."""
        ...

    @property
    def public_url(self) -> str:
        """Under which people reach us, without a slash at its end."""
        ...

    @property
    def api_base(self) -> str:
        """Of the Web API, with a slash at its end."""
        ...


async def to_its_end(work: Coroutine[Any, Any, _T]) -> _T:
    """Let ``work``, a transaction, end before a cancellation is obeyed.

    A connection whose call is broken off is lost, see ``Database.guest_engine``.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # seen; the cancellation is what the caller asked about
        raise


class States(AsyncSQLAlchemyOAuthStateStore):
    """slack_sdk's store of installations under way, without those that ran out."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(expiration_seconds=STATE_S, engine=engine, logger=log)

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        """Begin an installation.

        Raises:
            TooManyBegun: so many are under way that this is no coincidence.
        """
        return await to_its_end(self._issue(*args, **kwargs))

    async def async_consume(self, state: str) -> bool:
        """End one; False where it is not under way."""
        return await to_its_end(super().async_consume(state))

    async def _issue(self, *args: Any, **kwargs: Any) -> str:
        c = self.oauth_states.c
        now = datetime.now(UTC).replace(tzinfo=None)  # as slack_sdk writes it
        begun = select(func.count()).where(c.expire_at > now)
        async with self.engine.connect() as connection:
            if (await connection.scalar(begun) or 0) >= MOST_BEGUN:
                raise TooManyBegun
        async with self.engine.begin() as connection:
            await connection.execute(self.oauth_states.delete().where(c.expire_at <= now))
        return await super().async_issue(*args, **kwargs)


def make_flow(
    app: InstallableApp,
    *,
    installations: AsyncInstallationStore,
    states: States,
    scopes: Iterable[str],
    client: AsyncWebClient,
) -> AsyncOAuthFlow:
    """The flow, from ``INSTALL_PATH`` over Slack's page to ``REDIRECT_PATH``.

    Args:
        scopes: what the bot asks to be allowed.
        client: of the Web API, without a token.
    """
    assert app.client_secret is not None
    settings = AsyncOAuthSettings(
        client_id=app.client_id,
        client_secret=app.client_secret.get_secret_value(),
        scopes=tuple(scopes),
        user_scopes=(),
        redirect_uri=f"{app.public_url}{REDIRECT_PATH}",
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        install_page_rendering_enabled=False,  # Slack's own page comes next, and names the app
        authorization_url=urljoin(app.api_base, "/oauth/v2/authorize"),
        installation_store=installations,
        installation_store_bot_only=True,
        state_store=states,
        state_expiration_seconds=STATE_S,
        logger=log,
    )
    answers = _Answers(settings, f"{app.public_url}{INSTALL_PATH}")
    settings.callback_options = AsyncCallbackOptions(answers.tell_success, answers.tell_failure)
    return AsyncOAuthFlow(client=client, logger=log, settings=settings)


class _Answers:
    """What the browser is shown at the end."""

    def __init__(self, settings: AsyncOAuthSettings, again_url: str) -> None:
        self._settings = settings
        self._again_url = again_url

    async def tell_success(self, args: AsyncSuccessArgs) -> BoltResponse:
        """The token is kept."""
        made = args.installation
        place = made.enterprise_id if made.is_enterprise_install else made.team_id
        name = made.enterprise_name if made.is_enterprise_install else made.team_name
        log.info("slack: installed in %s (%s)", name, place)
        page = draw_installed(
            name or "your workspace",
            is_organization=bool(made.is_enterprise_install),
            open_url=f"https://app.slack.com/client/{place}",
        )
        return self._answer(200, page)

    async def tell_failure(self, args: AsyncFailureArgs) -> BoltResponse:
        """It ended before that."""
        log.info("slack: an installation was not finished: %.60r", args.reason)
        page = draw_failure(args.reason, again_url=self._again_url)
        return self._answer(args.suggested_status_code, page)

    def _answer(self, status: int, page: str) -> BoltResponse:
        headers: dict[str, str | Sequence[str]] = {
            "Content-Type": "text/html; charset=utf-8",
            "Set-Cookie": self._settings.state_utils.build_set_cookie_for_deletion(),
        }
        return BoltResponse(status=status, headers=headers, body=page)
