"""The contract of the Sender port; a platform joins by a line in ``SENDERS``."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest
from rich.console import Console

from bot.errors import SendError
from bot.model import CONSOLE, Destination, Digest, Event, Platform, Source
from bot.platforms.console import ConsoleSender
from bot.ports import Sender
from tests.builders import delivery, message
from tests.platforms.discord.stage import open_stage
from tests.platforms.slack.stage import open_stage as open_slack_stage
from tests.servers.slack.draw import draw_message


@dataclass(frozen=True)
class Stage:
    """A sender in front of its platform.

    Attributes:
        destination: where it may post.
        shown: all that people of the destination have been shown so far, as text.
        close: make the platform refuse or vanish.
    """

    sender: Sender
    platform: Platform
    destination: Destination
    shown: Callable[[], str]
    close: Callable[[], None]


@asynccontextmanager
async def console() -> AsyncIterator[Stage]:
    """The console, on paper that can be read afterwards."""
    paper = BreakablePaper()
    sender = ConsoleSender(Console(file=paper, width=100))
    yield Stage(sender, Platform.CONSOLE, CONSOLE, paper.getvalue, paper.tear)


@asynccontextmanager
async def discord() -> AsyncIterator[Stage]:
    """Discord on loopback; the channel can be closed to the bot."""
    async with open_stage() as stage:
        channel = stage.server.channel

        def shown() -> str:
            return "\n".join(post.text for post in channel.posts)

        def close() -> None:
            stage.server.set_permissions(channel, 0)

        yield Stage(stage.sender, Platform.DISCORD, stage.place(), shown, close)


@asynccontextmanager
async def slack() -> AsyncIterator[Stage]:
    """Slack on loopback; the bot can be put out of the channel."""
    async with open_slack_stage() as stage:
        channel = stage.server.channel

        def shown() -> str:
            seen = "\n".join(draw_message(post) for post in channel.posts)
            return seen + json.dumps([post.blocks for post in channel.posts])  # where links lead

        def close() -> None:
            stage.server.remove_bot(channel)

        yield Stage(stage.sender, Platform.SLACK, stage.place(), shown, close)


class BreakablePaper(io.StringIO):
    """A file whose disk may fill up."""

    is_torn = False

    def tear(self) -> None:
        self.is_torn = True

    def write(self, text: str) -> int:
        if self.is_torn:
            raise OSError(28, "No space left on device")
        return super().write(text)


SENDERS: dict[str, Callable[[], AbstractAsyncContextManager[Stage]]] = {
    "console": console,
    "discord": discord,
    "slack": slack,
}


@pytest.fixture(params=SENDERS)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with SENDERS[request.param]() as opened:
        yield opened


async def test_a_sender_names_its_platform(stage: Stage) -> None:
    assert stage.sender.platform is stage.platform is stage.destination.platform


async def test_a_post_shows_what_people_need_and_gets_an_id(stage: Stage) -> None:
    told = message(also=(Source("Meridian Journal", "https://journal.example/2"),))

    ref = await stage.sender.send(delivery("s1", stage.destination), told)

    assert ref.strip()
    assert ref == ref.strip()
    for words in (
        told.headline,
        told.summary,
        "https://example-wire.example/1",
        "Example Wire",
        "Meridian Journal",
        "Huawei",
        "AT&T",
    ):
        assert words in stage.shown()


async def test_an_edit_keeps_the_id_and_shows_what_is_new(stage: Stage) -> None:
    ref = await stage.sender.send(delivery("s1", stage.destination), message())
    edit = delivery("s1", stage.destination, message_ref=ref, sent_revision=1, revision=2)
    told = message(headline="AT&T drops Huawei phones at the last minute", revision=2)

    assert await stage.sender.send(edit, told) == ref
    assert told.headline in stage.shown()


async def test_posts_of_two_stories_have_two_ids(stage: Stage) -> None:
    refs = {
        await stage.sender.send(delivery(name, stage.destination), message(story_id=name))
        for name in ("s1", "s2")
    }

    assert len(refs) == 2


async def test_a_digest_shows_every_story_in_its_order_and_gets_an_id(stage: Stage) -> None:
    headlines = [f"{name} and Verizon part ways" for name in ("ZTE", "Huawei", "Xiaomi")]
    digest = Digest(
        tuple(message(story_id=f"s{n}", headline=told) for n, told in enumerate(headlines))
    )

    ref = await stage.sender.send(delivery("s0", stage.destination, is_gathered=True), digest)

    assert ref.strip()
    places = [stage.shown().index(headline) for headline in headlines]
    assert places == sorted(places)


async def test_a_digest_of_very_many_stories_can_be_posted(stage: Stage) -> None:
    headline = "Huawei fails to get AT&T to sell its phones in the US, sources say " * 3
    digest = Digest(
        tuple(message(story_id=f"s{n}", headline=f"{n} {headline}") for n in range(120))
    )

    assert await stage.sender.send(delivery("s0", stage.destination, is_gathered=True), digest)
    assert f"0 {headline[:40]}" in stage.shown()


@pytest.mark.parametrize(
    "headline",
    [
        "*bold* _italic_ ~struck~ `code` ||spoiler|| [a](https://elsewhere.example)",
        "@everyone @here <!channel> <@U1> <#C1>",
        "&lt;b&gt; <b>AT&T</b> & co",
        "[red]no markup of ours[/red] :smile: {0} %s",
        "华为与AT&T的合作告吹 📱",
        "x" * 2_000,
    ],
)
async def test_any_headline_of_strangers_can_be_posted(stage: Stage, headline: str) -> None:
    assert await stage.sender.send(delivery("s1", stage.destination), message(headline=headline))


async def test_a_message_of_the_bare_least_can_be_posted(stage: Stage) -> None:
    least = message(
        headline="", summary="", link=None, makers=(), carriers=(), is_pair=False,
        event=Event.OTHER, outlet="",
    )  # fmt: skip

    assert await stage.sender.send(delivery("s1", stage.destination), least)


async def test_trouble_of_the_platform_is_a_send_error_without_a_traceback_of_its_library(
    stage: Stage,
) -> None:
    stage.close()

    with pytest.raises(SendError) as caught:
        await stage.sender.send(delivery("s1", stage.destination), message())

    assert str(caught.value).strip()
    assert "\n" not in str(caught.value)
