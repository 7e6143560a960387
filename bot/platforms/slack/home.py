"""The Home tab of the app: drawn, and published to those who look at it.

It shows a person what their workspace has. It is drawn anew when they open it and when they have
changed something, at most once in ``GAP_S`` a person; what changes in between comes with the next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from cachetools import LRUCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.answer import Answer, Tone
from bot.commands.command import Call, Need, Office
from bot.commands.home import make_home
from bot.commands.running import run
from bot.commands.suggest import Suggestion
from bot.errors import InputInvalid, SendError
from bot.model import Destination, Platform
from bot.platforms.slack.answers import draw_parts
from bot.platforms.slack.blocks import Element, header, plain_text, section
from bot.platforms.slack.drawn import Block
from bot.platforms.slack.failures import error_of, retry_after_s
from bot.platforms.slack.fields import draw_options
from bot.platforms.slack.inert import bold
from bot.platforms.slack.limits import MAX_VIEW_BLOCKS
from bot.platforms.slack.modal import MAX_ROOM, View, draw_result
from bot.platforms.slack.offers import MANAGERS, RULES
from bot.platforms.slack.people import People
from bot.platforms.slack.rights import Rights
from bot.platforms.slack.showing import FAILURES, Opening, team_of
from bot.platforms.slack.workspaces import Workspaces
from bot.ports import Clock

GAP_S = 3.0
"""Seconds between two drawings of one person's tab.

Source: Slack documentation, "views.publish": tier 4, more than a hundred a minute and workspace.
"""

MAX_RETRY_S = 60.0
"""Seconds that Slack is obeyed for when it asks to wait; what takes longer is given up."""

MAX_ROWS = 60
"""Of buttons; the page itself has fewer."""

MOST_KNOWN = 10_000
"""People of whom it is known that they looked at the tab since the bot started."""

HOME = "n1:home"

_NOT_THERE = frozenset({"not_enabled", "feature_not_enabled", "user_not_found"})

Ack = Callable[..., Awaitable[Any]]
Key = tuple[str, str]
"""A workspace and a person."""

log = logging.getLogger(__name__)


def draw_home(answer: Answer, *, rule: str = "", rule_name: str = "") -> View:
    """The tab.

    Args:
        rule: who may manage, for those who may choose that; "" for everybody else.
        rule_name: of the user group that ``rule`` names.
    """
    chooser = [_draw_chooser(rule, rule_name)] if rule else []
    head = header(answer.title)
    body = draw_parts(
        answer.parts,
        most_blocks=MAX_VIEW_BLOCKS - 1 - len(chooser),
        room=MAX_ROOM,
        most_rows=MAX_ROWS,
    )
    return {"type": "home", "callback_id": HOME, "blocks": [head, *chooser, *body]}


def _draw_chooser(rule: str, rule_name: str) -> Block:
    label = RULES.get(rule) or (f"Members of {rule_name}" if rule_name else rule)
    (chosen,) = draw_options([Suggestion(label, rule)])
    menu: Element = {
        "type": "external_select",
        "action_id": f"{MANAGERS}0",
        "placeholder": plain_text("Choose who may"),
        "min_query_length": 0,
        "initial_option": chosen,
    }
    said = bold("Who may change subscriptions, companies and feeds here", 100)
    return section(said) | {"accessory": menu}


@dataclass(slots=True)
class _Page:
    """Somebody's tab while it is drawn, or was just now.

    Attributes:
        is_old: something has changed since it was drawn.
    """

    task: asyncio.Task[None]
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class Homes:
    """Draws the tabs; nothing here raises.

    Args:
        gap_s: see ``GAP_S``.
    """

    office: Office
    clock: Clock
    rights: Rights
    people: People
    workspaces: Workspaces
    gap_s: float = GAP_S
    _pages: dict[Key, _Page] = field(default_factory=dict)
    _known: LRUCache[Key, bool] = field(default_factory=lambda: LRUCache(MOST_KNOWN))

    def open(self, workspace: str, user: str) -> None:
        """Draw the tab of somebody who opened it; returns at once."""
        self._known[workspace, user] = True
        self._draw_soon((workspace, user))

    def refresh(self, workspace: str, user: str) -> None:
        """Draw the tab anew, if they ever looked at it; returns at once.

        Who has not is shown it as it is when they open it.
        """
        if (workspace, user) in self._known:
            self._draw_soon((workspace, user))

    async def stop(self) -> None:
        """Draw no more."""
        tasks = [page.task for page in self._pages.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def finish(self) -> None:
        """Wait until what is to be drawn is drawn."""
        while tasks := [page.task for page in self._pages.values()]:
            await asyncio.wait(tasks)

    async def choose_managers(self, ack: Ack, body: Mapping[str, Any]) -> None:
        """Keep who may manage a workspace, as one of its admins chose on the tab."""
        await ack()
        workspace, user = team_of(body), str((body.get("user") or {}).get("id", ""))
        pressed: Mapping[str, Any] = next(iter(body.get("actions") or ()), {})
        rule = str((pressed.get("selected_option") or {}).get("value") or "")
        call = self._make_call(workspace, user)

        async def work() -> Answer:
            refused = await self.rights.check_admin_or_none("this choice", user, workspace)
            if refused is not None:
                return refused
            if not rule:
                raise InputInvalid("Choose one of the rules, or a user group.")
            await self.rights.save_managers(workspace, rule)
            return Answer("Kept", tone=Tone.DONE, done=f"who may manage: {rule}")

        answer = await run("the choice of who may manage", call, work, Need.SERVER)
        if answer.tone is Tone.REFUSED:
            await self._tell(workspace, str(body.get("trigger_id", "")), answer)
        self.open(workspace, user)

    def _draw_soon(self, key: Key) -> None:
        page = self._pages.get(key)
        if page is not None:
            page.is_old = True
            return
        task = asyncio.create_task(self._keep(key), name="slack home")
        self._pages[key] = _Page(task)

    async def _keep(self, key: Key) -> None:
        """Draw until nothing has changed for ``gap_s``."""
        try:
            while True:
                self._pages[key].is_old = False
                wait_s = await self._publish(key)
                await asyncio.sleep(wait_s)
                if not self._pages[key].is_old:
                    return
        finally:
            del self._pages[key]

    async def _publish(self, key: Key) -> float:
        """Draw it; gives the seconds before it may be drawn again."""
        workspace, user = key
        try:
            client = await self.workspaces.find_client(workspace)
            view = await self._make(workspace, user)
            await client.views_publish(user_id=user, view=view)
        except (*FAILURES, SendError, InputInvalid) as error:
            return self._take_failure(key, error)
        except Exception:
            log.exception("the Home tab of %s in %s broke", user, workspace)
        return self.gap_s

    def _take_failure(self, key: Key, error: Exception) -> float:
        word, wait_s = error_of(error), retry_after_s(error)
        if word in _NOT_THERE:
            log.info("no Home tab in workspace %s: %s", key[0], word)
        elif wait_s is not None and wait_s <= MAX_RETRY_S:
            self._pages[key].is_old = True  # once more, when Slack allows it
            return max(wait_s, self.gap_s)
        else:
            log.warning("the Home tab of %s in %s: %s", key[1], key[0], word or error)
        return self.gap_s

    async def _make(self, workspace: str, user: str) -> View:
        """The tab of this person, as things are now."""
        call = self._make_call(workspace, user)
        may = await self.rights.find(user, call.place)

        async def sees(place: Destination) -> bool:
            return await self._sees(user, place)

        def name_of(place: Destination) -> str:
            return self.people.recall_channel_name(workspace, place.channel, user)

        call = replace(call, may=may)
        if await self.rights.check_admin_or_none("this choice", user, workspace):
            managers = await self.rights.describe_managers(workspace)
            return draw_home(await make_home(call, sees, managers=managers, name_of=name_of))
        rule = await self.rights.load_managers(workspace)
        group = None
        if rule not in RULES:
            group = await self.people.find_group_or_none(workspace, rule)
        name = f"@{group.handle}" if group else ""
        return draw_home(await make_home(call, sees, name_of=name_of), rule=rule, rule_name=name)

    async def _sees(self, user: str, place: Destination) -> bool:
        """Whether somebody is in a channel: nobody is shown the others here.

        What is left of a channel that not even the bot sees is shown to admins, who can end it.
        """
        if place.channel.startswith("D"):
            found = await self.people.find_conversation_or_none(place.workspace, place.channel)
            return found is not None and found.user == user
        if await self.people.is_in(place.workspace, place.channel, user):
            return True
        if await self.people.find_conversation_or_none(place.workspace, place.channel):
            return False
        person = await self.people.find_person_or_none(place.workspace, user)
        return person is not None and person.is_ours and person.is_admin

    async def _tell(self, workspace: str, trigger_id: str, answer: Answer) -> None:
        try:
            client: AsyncWebClient = await self.workspaces.find_client(workspace)
        except SendError as error:
            log.warning("no answer in workspace %s: %s", workspace, error)
            return
        await Opening(client, trigger_id).show(draw_result(answer))

    def _make_call(self, workspace: str, user: str) -> Call:
        place = Destination(Platform.SLACK, workspace, "")
        sees = partial(self.rights.sees, user)
        return Call(place, user, self.clock(), self.office, sees=sees)
