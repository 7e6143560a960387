"""What Slack tells us, by slack-bolt: one listener for each kind of request.

Slack waits three seconds for the receipt of a request, so it is given before anything is looked
up, a token included: a request is authorized by the fact that Slack sent it, and what it needs of
its workspace is found by whoever answers. Every kind of request has a listener, as bolt leaves
without a receipt what none is there for.

Source: Slack documentation, "Acknowledging requests", "The Events API", "Using Socket Mode".
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.asked import Asked, read_command, read_home, read_message, read_press
from bot.platforms.slack.seen import Hearing
from bot.ports.shared import SeenEvents

ANYTHING = re.compile("")
"""Every name there is."""

FORM = "n1:form"
"""The callback_id of a form, and the first part of the action_id of a button that opens one."""

FIELDS = re.compile(r"^n1:(?:field:|managers-group$)")
"""What is chosen or typed within a form."""

MANAGERS = re.compile(r"^n1:managers:")
"""Who may manage, chosen in App Home."""

Body = Mapping[str, Any]

log = logging.getLogger(__name__)


class Listening(Protocol):
    """What answers; everything but the forms is called after the receipt."""

    def take(self, work: Coroutine[Any, Any, None]) -> None:
        """Have ``work`` done beside what else is under way."""
        ...

    async def use(self, asked: Asked, name: str, text: str) -> None:
        """Answer a slash command."""
        ...

    async def press(self, asked: Asked, action: Body, body: Body) -> None:
        """Answer a button, in a message or in a view."""
        ...

    async def open_form(self, asked: Asked, body: Body, ack: AsyncAck) -> None:
        """Answer a button that opens a form."""
        ...

    async def submit(self, asked: Asked, body: Body, ack: AsyncAck) -> None:
        """Take what was filled in; gives the receipt, which is what the person sees next."""
        ...

    async def reload(self, asked: Asked, body: Body, ack: AsyncAck) -> None:
        """Something was chosen in a form on which its other fields depend."""
        ...

    async def suggest(self, body: Body, ack: AsyncAck) -> None:
        """Offer what fits what is typed; the receipt has it."""
        ...

    async def choose_managers(self, asked: Asked, body: Body, ack: AsyncAck) -> None:
        """Somebody chose in App Home who may manage."""
        ...

    async def hear(self, asked: Asked, event: Body) -> None:
        """Answer a message to the bot, or one with its name in it."""
        ...

    async def show_home(self, asked: Asked) -> None:
        """Draw App Home for somebody who opened it."""
        ...

    async def hear_workspace(self, workspace: str, event: Body) -> None:
        """Take note of what happened to channels, people, or the app itself."""
        ...


def make_app(
    listening: Listening,
    *,
    client: AsyncWebClient,
    workspace_events: tuple[str, ...] = (),
    signing_secret: str = "",
    seen: SeenEvents | None = None,
) -> AsyncApp:
    """The app, listening.

    Args:
        client: of the Web API, without a token and without handlers that repeat a call.
        workspace_events: types of the events that ``hear_workspace`` is for.
        signing_secret: by which HTTP requests are checked; a socket needs none.
        seen: where several processes listen, which Slack takes for one.
    """
    with _without_variables():
        app = AsyncApp(
            name="newsbot",
            logger=_make_logger(),
            client=client,
            signing_secret=signing_secret,
            authorize=_authorize,
            ignoring_self_events_enabled=False,  # these are told apart where messages are read
            attaching_conversation_kwargs_enabled=False,
        )
    _listen_to_commands(app, listening)
    _listen_to_forms(app, listening)
    _listen_to_buttons(app, listening)
    _listen_to_events(app, listening, workspace_events, Hearing(seen))
    return app


async def _authorize(
    enterprise_id: str | None, team_id: str | None, user_id: str | None
) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)


@contextmanager
def _without_variables() -> Iterator[None]:
    """Bolt reads tokens and a whole OAuth flow from variables that may be another program's."""
    hidden = {key: value for key, value in os.environ.items() if key.startswith("SLACK_")}
    for key in hidden:
        del os.environ[key]
    try:
        yield
    finally:
        os.environ.update(hidden)


def _make_logger() -> logging.Logger:
    """The log of bolt, from warnings on; the program's own handler masks secrets in it."""
    logger = logging.getLogger("slack_bolt")
    logger.setLevel(logging.WARNING)
    return logger


def _listen_to_commands(app: AsyncApp, to: Listening) -> None:
    @app.command(ANYTHING)
    async def use(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        asked = read_command(body, workspace=context.team_id or "")
        to.take(to.use(asked, str(body.get("command", "")), str(body.get("text") or "")))

    @app.shortcut(ANYTHING)
    async def leave(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        log.info("the shortcut %r is none of ours", str(body.get("callback_id", ""))[:100])


def _listen_to_forms(app: AsyncApp, to: Listening) -> None:
    @app.view(ANYTHING)
    async def submit(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        asked = read_press(body, workspace=context.team_id or "")
        to.take(to.submit(asked, body, ack))

    @app.view({"type": "view_closed", "callback_id": ANYTHING})
    async def close(ack: AsyncAck) -> None:
        await ack()

    @app.options(ANYTHING)
    async def suggest(ack: AsyncAck, body: dict[str, Any]) -> None:
        to.take(to.suggest(body, ack))

    @app.action(FIELDS)
    async def reload(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        to.take(to.reload(read_press(body, workspace=context.team_id or ""), body, ack))

    @app.action(MANAGERS)
    async def choose(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        to.take(to.choose_managers(read_press(body, workspace=context.team_id or ""), body, ack))


def _listen_to_buttons(app: AsyncApp, to: Listening) -> None:
    @app.action(re.compile(rf"^{FORM}(?::|$)"))
    async def open_form(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        to.take(to.open_form(read_press(body, workspace=context.team_id or ""), body, ack))

    @app.action(ANYTHING)
    async def press(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        await ack()
        to.take(to.press(read_press(body, workspace=context.team_id or ""), action, body))


def _listen_to_events(
    app: AsyncApp, to: Listening, workspace_events: tuple[str, ...], hearing: Hearing
) -> None:
    async def is_new(body: Body) -> bool:
        return await hearing.is_new(str(body.get("event_id") or ""))

    async def hear(body: dict[str, Any], event: dict[str, Any], context: AsyncBoltContext) -> None:
        if await is_new(body):
            to.take(to.hear(read_message(event, workspace=context.team_id or ""), event))

    async def show_home(
        body: dict[str, Any], event: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        if await is_new(body) and event.get("tab", "home") == "home":
            to.take(to.show_home(read_home(event, workspace=context.team_id or "")))

    async def note(body: dict[str, Any], event: dict[str, Any], context: AsyncBoltContext) -> None:
        if await is_new(body):
            to.take(to.hear_workspace(context.team_id or "", event))

    async def leave() -> None:
        """Nothing is done about it; it has its receipt."""

    app.event("app_mention")(hear)
    app.event("message")(hear)
    app.event("app_home_opened")(show_home)
    for name in workspace_events:
        app.event(name)(note)
    app.event(ANYTHING)(leave)
