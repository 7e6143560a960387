"""A small app on the real slack-bolt, for the tests of the loopback server itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond, AsyncSay
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import SlackServer, Team

Body = dict[str, Any]


def plain(text: str) -> Body:
    """A text object."""
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Body:
    """A section of mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(label: str, action_id: str, **more: Any) -> Body:
    """A button."""
    return {"type": "button", "text": plain(label), "action_id": action_id, **more}


def row(*elements: Body, **more: Any) -> Body:
    """A block of actions."""
    return {"type": "actions", "elements": list(elements), **more}


CARD = [section("A *headline*"), row(button("Wrong", "wrong"), button("Grow", "grow"))]
REASON = {
    "type": "input",
    "block_id": "reason",
    "label": plain("Reason"),
    "element": {"type": "plain_text_input", "action_id": "text", "max_length": 20},
}
COMPANY = {
    "type": "input",
    "block_id": "company",
    "optional": True,
    "label": plain("Company"),
    "element": {"type": "external_select", "action_id": "company", "min_query_length": 2},
}
MODAL: Body = {
    "type": "modal",
    "callback_id": "why",
    "title": plain("Why not?"),
    "submit": plain("Send"),
    "notify_on_close": True,
    "blocks": [REASON, COMPANY],
}


def client_of(server: SlackServer, team: Team | None = None) -> AsyncWebClient:
    """A client with a workspace's bot token that repeats nothing by itself."""
    token = (team or server.team).bot_token
    return AsyncWebClient(token=token, base_url=server.api_base, retry_handlers=[])


async def error_of(call: Awaitable[Any]) -> str:
    """Slack's word of the refusal of a call; "" where it was carried out."""
    try:
        await call
    except SlackApiError as refused:
        return str(refused.response["error"])
    return ""


class Bot:
    """One command, a card with two buttons, a modal, a Home tab, and answers to words.

    Attributes:
        heard: event ids in the order they came, repeats too.
        closed: how often a modal was put away.
        delay_s: how long it thinks before it acknowledges.
    """

    def __init__(self, server: SlackServer, **given: Any) -> None:
        self.app = AsyncApp(client=client_of(server), **given)
        self.heard: list[str] = []
        self.closed = 0
        self.delay_s = 0.0
        self.app.command("/show")(self._show)
        self.app.action("wrong")(self._ask)
        self.app.action("grow")(self._grow)
        self.app.options("company")(self._offer)
        self.app.view("why")(self._take)
        self.app.view_closed("why")(self._put_away)
        self.app.event("app_home_opened")(self._publish)
        self.app.event("app_mention")(self._answer)
        self.app.event("message")(self._answer)

    async def _show(self, ack: AsyncAck, respond: AsyncRespond, body: Body) -> None:
        await asyncio.sleep(self.delay_s)
        if body["text"] == "at once":
            await ack(text="here", blocks=[section("here")])
            return
        await ack()
        if body["text"] == "open":
            await respond(text="shown", blocks=CARD, response_type="in_channel")
        elif body["text"] != "nothing":
            await respond(text="shown", blocks=CARD)

    async def _ask(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    async def _grow(self, ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(text="grown", blocks=[section("grown")], replace_original=True)

    async def _offer(self, ack: AsyncAck, payload: Body) -> None:
        names = ["Huawei", "Honor", "HTC"]
        found = [n for n in names if n.lower().startswith(payload["value"])]
        await ack(options=[{"text": plain(name), "value": name.lower()} for name in found])

    async def _take(self, ack: AsyncAck, body: Body, view: Body, client: AsyncWebClient) -> None:
        values = view["state"]["values"]
        reason = values["reason"]["text"]["value"]
        chosen = values["company"]["company"]["selected_option"] or {"value": "nobody"}
        if reason == "none":
            await ack(response_action="errors", errors={"reason": "say a little more"})
            return
        await ack()
        await client.chat_postMessage(
            channel=body["user"]["id"], text=f"noted: {reason} ({chosen['value']})"
        )

    async def _put_away(self, ack: AsyncAck) -> None:
        self.closed += 1
        await ack()

    async def _publish(self, event: Body, client: AsyncWebClient) -> None:
        home = {"type": "home", "blocks": [*CARD]}
        await client.views_publish(user_id=event["user"], view=home)

    async def _answer(self, body: Body, event: Body, say: AsyncSay) -> None:
        await asyncio.sleep(self.delay_s)
        self.heard.append(body["event_id"])
        await say(text=f"heard: {event['text']}", thread_ts=event.get("thread_ts"))


@asynccontextmanager
async def running_bot(server: SlackServer, *, ping_s: float = 5.0) -> AsyncIterator[Bot]:
    """The bot, connected by Socket Mode."""
    bot = Bot(server)
    handler = AsyncSocketModeHandler(bot.app, server.app_token, ping_interval=ping_s)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await server.ready()
    try:
        yield bot
    finally:
        await end(handler.client)


async def end(client: SocketModeClient) -> None:
    """Close a client, with the tasks it leaves behind."""
    tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
    await client.close()  # type: ignore[no-untyped-call]
    left = [task for task in tasks if task is not None]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


class Line:
    """A bare connection that says only what a test tells it to."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def hear(self) -> Body:
        """The next thing it is told."""
        found: Body = await self.socket.receive_json(timeout=5)
        return found

    async def ack(self, envelope: Body, **payload: Any) -> None:
        """Acknowledge, with an answer or without."""
        given: Body = {"envelope_id": envelope["envelope_id"]}
        await self.socket.send_json(given | ({"payload": payload} if payload else {}))


async def connect(server: SlackServer, session: aiohttp.ClientSession) -> Line:
    """A bare connection that was said hello to."""
    opened = await client_of(server).apps_connections_open(app_token=server.app_token)
    line = Line(await session.ws_connect(opened["url"]))
    hello = await line.hear()
    assert (hello["type"], hello["num_connections"]) == ("hello", server.sockets.count)
    return line
