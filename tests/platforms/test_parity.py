"""Every command and every button does the same on Discord, on Slack and at the console.

Each is used through the real client of its platform, with the same inputs in the same order;
after each step the store must hold the same and the answer say the same, but for ids and the
words for a place. A row or an option of the table, or a button, that has no step here fails.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.commands.actions import ACTIONS
from bot.commands.answer import Answer, Choice, Choices, Hint, refuse
from bot.commands.chatting import answer_text
from bot.commands.command import Action, Call, Command, Handler, Need, Office, OptionKind, Upload
from bot.commands.grammar import advise
from bot.commands.running import run_action
from bot.commands.table import TABLE
from bot.commands.typed import TypedCommand, read_typed
from bot.commands.watchforms import digest_of
from bot.errors import InputInvalid
from bot.model import CONSOLE, Destination, FeedSpec, Platform, Subscription, make_delivery_id
from bot.ports import FoundFeed, Store
from bot.store import open_store
from tests.builders import NOW, delivery, story
from tests.commands.calls import CATALOGUE, MATCHER, say
from tests.commands.newsroom import DEAL, fill
from tests.commands.typing import KNOWN
from tests.contract.polls import commit_stories
from tests.platforms.discord import desk as discord_desk
from tests.platforms.discord.rows import row as made_row
from tests.platforms.slack import desk as slack_desk

POSTED = "abcdefghi7"
OUTLET = "https://outlet.example/rss"
LISTED = "https://listed.example/rss"
FILE = b"https://listed.example/rss\n"


@dataclass(frozen=True)
class Say:
    """A command with its options as people type them; {channel} and {group} are another one."""

    line: str
    options: Mapping[str, str] = field(default_factory=dict)
    is_for_chats: bool = False  # it names what a console has not, and leaves nothing behind

    @property
    def words(self) -> tuple[str, str]:
        noun, verb = self.line.split()
        return noun, verb


@dataclass(frozen=True)
class Press:
    """A button; its subject is {post}, {here}, {gone} (a thread) or as it is."""

    action: str
    subject: str = "{post}"
    is_for_chats: bool = False


Step = Say | Press

STEPS: tuple[Step, ...] = (
    Say("news help"),
    Say("news status"),
    Say("news recent", {"company": "huawei", "with": "AT&T", "since": "7d", "limit": "5"}),
    Say("news recent", {"event": "bans"}),
    Say("news recent", {"company": "Honour"}),
    Say("news search", {"words": "foldable phone", "since": "30d"}),
    Say("news story", {"story": f"#{DEAL}"}),
    Say("news why", {"about": f"#{DEAL}"}),
    Say(
        "alerts subscribe",
        {
            "scope": "pair",
            "events": "deals, bans",
            "companies": "Huawei, AT&T",
            "min_outlets": "2",
            "mode": "daily",
            "at": "9:00",
            "time_zone": "Europe/Berlin",
            "quiet_hours": "22-7",
            "thread": "true",
        },
    ),
    Say("alerts settings"),
    Say("alerts settings", {"scope": "any", "events": "none", "mode": "hourly", "at": "15"}),
    Say("alerts settings", {"companies": "none", "min_outlets": "1", "time_zone": "UTC"}),
    Say("alerts settings", {"quiet_hours": "none", "thread": "false", "mode": "live"}),
    Say("alerts settings", {"at": "quarter past noon"}),
    Say("alerts settings", {"mention": "{group}", "mention_for": "pairs"}, is_for_chats=True),
    Say("alerts settings", {"mention_for": "none"}, is_for_chats=True),
    Say(
        "alerts subscribe",
        {"channel": "{channel}", "mention": "{group}", "mention_for": "deals"},
        is_for_chats=True,
    ),
    Say("alerts settings", {"channel": "{channel}", "scope": "makers"}, is_for_chats=True),
    Say("alerts pause", {"channel": "{channel}", "for": "3d"}, is_for_chats=True),
    Say("alerts resume", {"channel": "{channel}"}, is_for_chats=True),
    Say("alerts mute", {"subject": "ZTE", "channel": "{channel}"}, is_for_chats=True),
    Say("alerts unmute", {"subject": "ZTE", "channel": "{channel}"}, is_for_chats=True),
    Say("alerts preview", {"channel": "{channel}"}, is_for_chats=True),
    Say("alerts list", is_for_chats=True),
    Say("alerts unsubscribe", {"channel": "{channel}"}, is_for_chats=True),
    Say("alerts list"),
    Say("alerts mute", {"subject": "Xiaomi", "for": "7d"}),
    Say("alerts mute", {"subject": "Nobody"}),
    Say("alerts unmute", {"subject": "Xiaomi"}),
    Say("alerts pause", {"for": "2h"}),
    Say("alerts resume"),
    Say(
        "alerts preview",
        {"scope": "carriers", "events": "deals", "companies": "AT&T", "min_outlets": "1"},
    ),
    Press("sources"),
    Press("why"),
    Press("mute-story"),
    Press("unmute-story"),
    Press("mute-pair"),
    Press("unmute-pair"),
    Press("not-relevant"),
    Press("about-digest"),
    Press("alerts-pause", "{here}"),
    Press("alerts-resume", "{here}"),
    Press("unsubscribe-gone", "{here}/{gone}", is_for_chats=True),
    Say(
        "watch add",
        {
            "name": "Fairphone",
            "role": "maker",
            "aliases": "Fair Phone",
            "needs": "phone, handset",
            "unless": "fair trade",
        },
    ),
    Say("watch add", {"name": "Orange"}),
    Press("watch-add", "Orange;c"),
    Say(
        "watch test",
        {"name": "Orange", "aliases": "Orange SA", "needs": "telecom", "unless": "juice"},
    ),
    Say(
        "watch edit",
        {"name": "Orange", "role": "other", "aliases": "none", "needs": "5G", "unless": "juice"},
    ),
    Say("watch list"),
    Press("watch-remove", digest_of("Orange")),
    Say("watch remove", {"name": "Fairphone"}),
    Say("feeds add", {"address": OUTLET, "title": "The Outlet"}),
    Say("feeds add", {"address": OUTLET}),
    Say("feeds import", {"file": "feeds.txt"}),
    Say("feeds list", {"page": "1"}),
    Say("feeds health"),
    Say("feeds health", {"feed": OUTLET}),
    Say("feeds export"),
    Say("feeds remove", {"feed": OUTLET}),
    Say("alerts list", {"changes": "true"}),
    Say("alerts unsubscribe"),
    Say("alerts subscribe"),
    Press("alerts-end", "{here}"),
)

DIFFERENT = {"news help", "alerts list", "feeds list", "feeds health"}
"""Commands of which the console has another answer: what is typed where, what chats did, and
which feeds are its own."""


class Finder:
    """Finds one feed wherever it is sent."""

    def check(self, url: str) -> None:
        """Everything may be asked."""

    async def find_feeds(self, url: str) -> tuple[FoundFeed, ...]:
        """The address itself."""
        return (FoundFeed(FeedSpec(url, title="A title of its own"), 3),)


class Side(Protocol):
    """A platform on which steps are done."""

    store: Store
    place: Destination
    names: dict[str, str]  # what its ids stand for
    answers: list[Answer]

    async def do(self, step: Step) -> None:
        """Do it as somebody who may do everything."""
        ...


async def prepare(store: Store, place: Destination) -> None:
    """A subscribed channel with a post of a story, beside what others told."""
    await fill(store)
    await store.subscribe(Subscription(place), now=NOW)
    await commit_stories(store, story(POSTED), owed=(delivery(POSTED, place),))


def recording(run: Handler, answers: list[Answer]) -> Handler:
    async def record(call: Call) -> Answer:
        try:
            answer = await run(call)
        except InputInvalid as error:
            answers.append(refuse(str(error)))
            raise
        answers.append(answer)
        return answer

    return record


@dataclass
class Chat:
    """What Discord and Slack have in common: recorded handlers, and a row that offers buttons."""

    gone: str
    place: Destination = CONSOLE
    names: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    @property
    def table(self) -> tuple[Command, ...]:
        rows = (replace(row, run=recording(row.run, self.answers)) for row in TABLE)
        return (*rows, made_row("buttons", self._offer))

    @property
    def actions(self) -> dict[str, Action]:
        return {one.name: replace(one, run=recording(one.run, self.answers)) for one in ACTIONS}

    def subject_of(self, press: Press) -> str:
        post = make_delivery_id(POSTED, self.place)
        return press.subject.format(post=post, here=self.place.channel, gone=self.gone)

    async def _offer(self, _: Call) -> Answer:
        presses = [step for step in STEPS if isinstance(step, Press)]
        rows = [
            Choices(
                tuple(
                    Choice(one.action, self.subject_of(one), one.action)
                    for one in presses[at : at + 5]
                )
            )
            for at in range(0, len(presses), 5)
        ]
        return Answer("Buttons", tuple(rows))

    async def lose(self, store: Store) -> None:
        """A thread that gets news is gone."""
        lost = replace(self.place, thread=self.gone)
        await store.subscribe(Subscription(lost), now=NOW)
        await store.park(lost, reason="it is gone")


class OnDiscord:
    """Slash commands and buttons through discord.py."""

    def __init__(self, desk: discord_desk.Desk, chat: Chat) -> None:
        server = desk.server
        self.desk, self.chat = desk, chat
        self.store: Store = desk.store
        chat.place = self.place = desk.place()
        self.other = server.add_channel(server.guild, "other")
        self.group = server.add_role(server.guild, "desk", is_mentionable=True)
        self.answers = chat.answers
        self.names = {
            chat.gone: "gone",
            str(server.guild.id): "team",
            str(server.channel.id): "here",
            str(self.other.id): "other",
            str(self.group.id): "group",
            str(server.manager.id): "who",
        }

    async def do(self, step: Step) -> None:
        server = self.desk.server
        if isinstance(step, Press):
            if step.action == "unsubscribe-gone":
                await self.chat.lose(self.store)
            shown = await server.slash("/try buttons", **self.desk.manager).answer()
            custom_id = f"n1:{step.action}:{self.chat.subject_of(step)}"
            done = await server.press(shown, custom_id, user=server.manager).answer()
        else:
            line = write(step, channel=str(self.other.id), group=str(self.group.id))
            files = {"file": ("feeds.txt", FILE)} if "file" in step.options else None
            done = await server.slash(line, files=files, **self.desk.manager).answer()
        assert done.text


class OnSlack:
    """Slash commands, a form and buttons through slack-bolt."""

    def __init__(self, desk: slack_desk.Desk, chat: Chat) -> None:
        server = desk.server
        self.desk, self.chat = desk, chat
        self.store: Store = desk.store
        self.seen = ""
        chat.place = self.place = desk.place()
        self.other = server.add_channel("other", team=server.team)
        server.manager.tz = ""  # else a form offers it, and the others know of none
        self.group = server.add_group("desk", server.person, team=server.team)
        self.answers = chat.answers
        self.names = {
            chat.gone: "gone",
            server.team.id: "team",
            server.channel.id: "here",
            self.other.id: "other",
            self.group.id: "group",
            server.manager.id: "who",
        }

    async def do(self, step: Step) -> None:
        server, who = self.desk.server, self.desk.server.manager
        if isinstance(step, Press):
            if step.action == "unsubscribe-gone":
                await self.chat.lose(self.store)
            shown = await self.desk.ask("/try buttons", user=who)
            done = await server.press(shown.answer, step.action, user=who)
        elif "file" in step.options:
            asked = await self.desk.ask(f"/{step.line}", user=who)
            done = await server.submit(asked.modal, {"File": [server.give_file("feeds.txt", FILE)]})
        else:
            line = write(step, channel="#other", group="@desk")
            done = await self.desk.ask(line, user=who)
            if done.views:  # with nothing typed behind it, a form comes up; it is sent as it is
                done = await server.submit(done.modal, {})
        await slack_desk.until(lambda: done.text and "Working" not in done.text)
        self.seen = done.text


class AtTheConsole:
    """What the operator types, on a store of its own."""

    def __init__(self, store: Store) -> None:
        self.store: Store = store
        self.place = CONSOLE
        self.names = {"console": "here"}
        self.answers: list[Answer] = []

    async def do(self, step: Step) -> None:
        office = Office(self.store, CATALOGUE, MATCHER, finder=Finder())
        call = Call(CONSOLE, "", NOW, office, may=frozenset(Need))
        if isinstance(step, Press):
            post = make_delivery_id(POSTED, CONSOLE)
            subject = step.subject.format(post=post, here=CONSOLE.channel)
            (action,) = [one for one in ACTIONS if one.name == step.action]
            answer = await run_action(action, replace(call, values={"subject": subject}))
        else:
            answer = await answer_text(call, write(step), read_ref=read_file)
        self.answers.append(answer)


def read_file(kind: OptionKind, text: str) -> Upload | None:
    return Upload(text, FILE) if kind is OptionKind.FILE else None


def write(step: Say, **names: str) -> str:
    """The line that people type."""
    given = (f"{name}:{value.format(**names)}" for name, value in step.options.items())
    return " ".join((f"/{step.line}", *given))


@asynccontextmanager
async def open_sides(folder: Path) -> AsyncIterator[tuple[OnDiscord, OnSlack, AtTheConsole]]:
    """Discord, Slack and the console, each with its own store."""
    async with AsyncExitStack() as stack:
        stores = [
            await stack.enter_async_context(await open_store(f"sqlite:///{folder}/{name}.sqlite3"))
            for name in ("discord", "slack", "console")
        ]
        first, second = Chat("123456789012345678"), Chat("1500000000.000100")
        opened = discord_desk.open_desk(table=first.table, actions=first.actions, store=stores[0])
        on_discord = OnDiscord(await stack.enter_async_context(opened), first)
        opening = slack_desk.open_desk(table=second.table, actions=second.actions, store=stores[1])
        on_slack = OnSlack(await stack.enter_async_context(opening), second)
        at_console = AtTheConsole(stores[2])
        sides: list[Side] = [on_discord, on_slack, at_console]
        for side in sides:
            await prepare(side.store, side.place)
        yield on_discord, on_slack, at_console


async def dump(side: Side) -> dict[str, Any]:
    """What the store holds of the side's workspace, ids by what they stand for."""
    store, place = side.store, side.place
    whose = (place.platform, place.workspace)
    owner = "" if place == CONSOLE else f"{place.platform}/{place.workspace}"
    return {
        "subscriptions": [
            repr(
                replace(
                    one,
                    destination=replace(CONSOLE, channel=plain(side, one.destination.channel)),
                    subscribed_by="",
                    mutes=tuple(replace(mute, by="") for mute in one.mutes),
                    ping=one.ping and replace(one.ping, role=plain(side, one.ping.role)),
                )
            )
            for one in await store.find_subscriptions(*whose)
        ],
        "watches": [
            replace(one, platform=CONSOLE.platform, workspace="")
            for one in await store.find_watches()
            if (one.platform, one.workspace) == whose
        ],
        "feeds": [
            (one.url, one.spec.title)
            for one in await store.find_feeds()
            if one.added_by == owner and one.url in (OUTLET, LISTED)
        ],
        "feedback": [
            (one.story_id, one.companies, one.headline)
            for one in await store.find_feedback(*whose, limit=9)
        ],
    }


async def list_audit(side: Side) -> list[str]:
    """Who changed what, the oldest first."""
    place = side.place
    found = await side.store.find_audit(place.platform, place.workspace, limit=100)
    lines = [
        f"{plain(side, one.user) or 'who'} {plain(side, one.place.channel)} {plain(side, one.said)}"
        for one in reversed(found)
    ]
    return [line.replace(" channel:here", "") for line in lines]  # a form says where, too


def find_hints(answers: Iterable[Answer]) -> list[Hint]:
    """What answers tell people to type next."""
    return [part for answer in answers for part in answer.parts if isinstance(part, Hint)]


def plain(side: Side, text: str) -> str:
    """``text`` with names in place of ids, and one word for a place where people talk."""
    text = text.replace(make_delivery_id(POSTED, side.place), "post")
    for id_, name in side.names.items():
        text = text.replace(id_, name)
    at_console, in_chats = advise(Platform.CONSOLE), advise(Platform.SLACK)
    text = text.replace(at_console.companies, in_chats.companies)
    return re.sub(r"\bserver\b", "workspace", text)


def test_every_row_every_option_and_every_button_has_a_step() -> None:
    says = [step for step in STEPS if isinstance(step, Say)]
    pressed = {step.action for step in STEPS if isinstance(step, Press)}

    assert {step.words for step in says} == {(row.noun, row.verb) for row in TABLE}
    for row in TABLE:
        used = {name for say in says if say.words == (row.noun, row.verb) for name in say.options}
        assert used == {option.name for option in row.options}, (row.noun, row.verb)
    assert pressed == {action.name for action in ACTIONS}


async def test_every_command_and_button_does_the_same_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for desk in (discord_desk, slack_desk):
        monkeypatch.setattr(desk, "now", lambda: NOW)
        monkeypatch.setattr(desk, "Office", partial(Office, finder=Finder()))
    async with open_sides(tmp_path) as (on_discord, on_slack, at_console):
        for step in STEPS:
            here: list[Side] = [on_discord, on_slack, *([] if step.is_for_chats else [at_console])]
            kept = [await list_audit(side) for side in here]
            for side in here:
                side.answers.clear()
                await side.do(step)

            for hint in find_hints(answer for side in here for answer in side.answers):
                known = read_typed(hint.command, KNOWN, has_forms=True)
                assert isinstance(known, TypedCommand), (step, hint)
            held, *others = [await dump(side) for side in here]
            for other in others:
                assert other == held, step
            both = zip(here, kept, strict=True)
            done, *dones = [(await list_audit(side))[len(old) :] for side, old in both]
            for new in dones:
                assert new == done, step
            same = here[:2] if isinstance(step, Say) and step.line in DIFFERENT else here
            if not on_slack.answers:  # it went through a form, which knows the table by itself
                assert on_discord.answers[-1].title in on_slack.seen
                same = [side for side in same if side is not on_slack]
            said, *further = [[plain(side, say(one)) for one in side.answers] for side in same]
            for told in further if step != Say("news help") else ():
                assert told == said, step
