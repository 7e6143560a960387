"""Whether posts would arrive in a channel of Slack, and what to change there if not."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from bot.errors import SendError, SendParked
from bot.model import Destination
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.failures import error_of
from bot.platforms.slack.people import Conversation, People
from bot.platforms.slack.workspaces import Bot
from bot.ports import PlaceProblem

POST = "chat:write"

log = logging.getLogger(__name__)


class SlackPlaces:
    """Asks Slack about a channel each time: what was kept would call a mended one broken."""

    def __init__(self, calls: Calls, people: People) -> None:
        self._calls = calls
        self._people = people

    async def enter(self, destination: Destination) -> None:
        """Join a public channel, as every post there and every look back needs that.

        Into a private one a person must invite the bot. Never raises.
        """
        workspace, channel = destination.workspace, destination.channel
        try:
            found = await self._people.find_conversation_or_none(workspace, channel, is_fresh=True)
            if found is None or found.is_private or found.is_member or found.is_archived:
                return
            await self._calls.ask(
                workspace,
                "conversations.join",
                lambda client: client.conversations_join(channel=channel),
                channel=channel,
            )
            log.info("joined the channel %s", destination.key)
        except SendError as error:
            log.warning("%s could not be joined: %s", destination.key, error)
        self._people.forget(workspace, channel=channel)

    async def find_problems(self, destination: Destination) -> tuple[PlaceProblem, ...]:
        """Why posts there would fail or look poor, the gravest first; () where all is fine.

        Where Slack cannot be asked, nothing is known against the place. A channel that the bot
        does not see is never said to be gone: Slack says the same of a private one.
        """
        workspace, channel = destination.workspace, destination.channel
        try:
            bot = await self._calls.workspaces.find_bot(workspace)
            found = await self._people.find_conversation_or_none(workspace, channel, is_fresh=True)
            problems = [*_judge(found, bot)]
            if found and found.is_member and destination.thread:
                problems += await self._judge_thread(destination)
        except SendParked as error:
            return (PlaceProblem(f"I can't post there: {error}", is_grave=True),)
        except SendError as error:
            log.warning("whether %s takes posts is not known: %s", destination.key, error)
            return ()
        return tuple(sorted(problems, key=lambda one: not one.is_grave))

    async def _judge_thread(self, destination: Destination) -> list[PlaceProblem]:
        """A thread whose first post is gone takes no more, and no other ever has its id."""
        channel, thread = destination.channel, destination.thread
        try:
            await self._calls.ask(
                destination.workspace,
                "conversations.replies",
                lambda client: client.conversations_replies(channel=channel, ts=thread, limit=1),
                channel=channel,
            )
        except SendError as error:
            if error_of(error) != "thread_not_found":
                raise
            text = "That thread does not exist any more"
            return [PlaceProblem(text, is_grave=True, is_gone=True)]
        return []


def _judge(found: Conversation | None, bot: Bot) -> Iterator[PlaceProblem]:
    """What stands in the way of posts, and what makes them poorer."""
    if _lacks(bot, POST):
        yield PlaceProblem(_tell_scope("I may not post", POST), is_grave=True)
    if found is None:
        yield PlaceProblem(
            "I see no such channel: it is gone, or it is private and I am not in it. If it is "
            "there, invite me in it with /invite. Direct conversations between others take none "
            "of my posts",
            is_grave=True,
        )
        return
    if found.is_archived:
        yield PlaceProblem("That channel is archived: open it again", is_grave=True)
    elif not found.is_member:
        yield PlaceProblem("I am not in that channel: invite me there with /invite", is_grave=True)
    history = _history_scope(found)
    if _lacks(bot, history):
        told = "I may not read older messages there, so after a crash a story may come twice"
        yield PlaceProblem(_tell_scope(told, history), is_grave=False)
    if found.is_read_only:
        yield PlaceProblem(
            "Only some people may post there: let me be one of them, in the channel's settings "
            "under posting permissions",
            is_grave=False,
        )


def _lacks(bot: Bot, scope: str) -> bool:
    """Whether the bot was not given ``scope``; where Slack names none, nobody knows."""
    return bool(bot.scopes) and scope not in bot.scopes


def _history_scope(found: Conversation) -> str:
    if found.is_direct:
        return "im:history"
    return "groups:history" if found.is_private else "channels:history"


def _tell_scope(told: str, scope: str) -> str:
    return f"{told}: my operator has to give me the scope {scope} and install me again"
