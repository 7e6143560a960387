"""What the buttons do: those of a post, those that take it back, those of answers.

A post's buttons carry the id of its delivery; who presses one long after the post was made
still gets an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.commands.answer import (
    Answer,
    Choice,
    Choices,
    Facts,
    Hint,
    Line,
    Lines,
    Link,
    Part,
    Span,
    Tone,
)
from bot.commands.canonical import write_line
from bot.commands.command import Action, Call, Handler, Need
from bot.commands.leftovers import unsubscribe_gone
from bot.commands.muting import drop_mutes, save_mutes
from bot.commands.pausing import pause, resume
from bot.commands.stories import find_telling_or_none
from bot.commands.subscribing import unsubscribe
from bot.commands.telling import why as tell_why
from bot.commands.views import view_stories
from bot.commands.watchanswers import add_asked, remove_asked
from bot.commands.wording import channel_of, count, join, name_mute, name_workspace
from bot.errors import InputInvalid
from bot.matching import Watchers
from bot.model import Catalogue, Delivery, Feedback, Mute, MuteKind, Story, Subscription

STORY_MUTED = timedelta(days=7)
"""By then a story is closed, and nothing joins or turns it any more."""

PAIR_MUTED = timedelta(hours=24)

MAX_PAIRS = 4
"""Pairs of a story that are muted together; of one that names more, the most prominent."""

MAX_SOURCES = 30
"""Outlets that are listed, the first to tell it first."""


@dataclass(frozen=True, slots=True)
class _Post:
    """A post of this workspace and the story it shows, as the workspace sees it."""

    delivery: Delivery
    story: Story
    catalogue: Catalogue


async def show_sources(call: Call) -> Answer:
    """Every outlet that tells the story, with time and link, first teller first."""
    post = await _find_post(call)
    reports = sorted(post.story.coverage, key=lambda report: report.published_at)
    first = {report.outlet: report for report in reversed(reports)}
    told = sorted(first.values(), key=lambda report: report.published_at)
    rows: list[tuple[str, Line]] = []
    for report in told[:MAX_SOURCES]:
        title: Span = Link(report.title, report.link) if report.link else report.title
        rows.append((report.outlet, (report.published_at, " · ", title)))
    parts: list[Part] = [Facts(tuple(rows))]
    if len(told) > MAX_SOURCES:
        parts.append(Lines((f"… and {len(told) - MAX_SOURCES} more",)))
    story = Hint(f"/news story #{post.story.id}", "shows every report")
    return Answer(f"{count(len(told), 'outlet')} on this story", (*parts, story))


async def show_why(call: Call) -> Answer:
    """Why the story was posted, by the record."""
    post = await _find_post(call)
    return await tell_why(replace(call, values={"about": f"#{post.story.id}"}))


async def mute_story(call: Call) -> Answer:
    """Post nothing more of the story in the post's channel."""
    post = await _find_post(call)
    wanted = await _need_subscription(call, post.delivery)
    until = call.now + STORY_MUTED
    await save_mutes(call, wanted, [Mute(MuteKind.STORY, post.story.id, until, by=call.user)])
    where = channel_of(wanted.destination)
    line: Line = (where, " hears no more of this story and what turns it until ", until, ".")
    answer = _tell_muted("Story muted", line, "unmute-story", post)
    return replace(answer, done=_write("mute", post, f"#{post.story.id}", STORY_MUTED))


async def unmute_story(call: Call) -> Answer:
    """Take ``mute_story`` back."""
    post = await _find_post(call)
    answer = await _undo(call, post, (_key(MuteKind.STORY, post.story.id),))
    return replace(answer, done=_write("unmute", post, f"#{post.story.id}"))


async def mute_pair(call: Call) -> Answer:
    """Post nothing with the story's makers and carriers together for a day."""
    post = await _find_post(call)
    wanted = await _need_subscription(call, post.delivery)
    until = call.now + PAIR_MUTED
    made = [Mute(MuteKind.PAIR, pair, until, by=call.user) for pair in _pairs(post.story)]
    if not made:
        raise InputInvalid("That story names no handset maker together with a carrier any more.")
    await save_mutes(call, wanted, made)
    names = ", ".join(name_mute(one, post.catalogue) for one in made)
    where = channel_of(wanted.destination)
    line: Line = (where, f" gets no story with {names} until ", until, ".")
    answer = _tell_muted("Pair muted for 24 hours", line, "unmute-pair", post)
    return replace(answer, done=_write("mute", post, names, PAIR_MUTED))


async def unmute_pair(call: Call) -> Answer:
    """Take ``mute_pair`` back."""
    post = await _find_post(call)
    pairs = _pairs(post.story)
    answer = await _undo(call, post, [_key(MuteKind.PAIR, pair) for pair in pairs])
    names = ", ".join(" × ".join(map(post.catalogue.name_of, one.split("+"))) for one in pairs)
    return replace(answer, done=_write("unmute", post, names))


async def say_not_relevant(call: Call) -> Answer:
    """Keep that somebody says that the story has no business here."""
    post = await _find_post(call)
    story, place = post.story, post.delivery.destination
    is_new = await call.office.store.add_feedback(
        Feedback(
            story_id=story.id,
            platform=place.platform,
            workspace=place.workspace,
            user=call.user,
            said_at=call.now,
            companies=story.companies,
            headline=story.headline,
        )
    )
    thanks = "Thank you, noted" if is_new else "You said so before, it is noted"
    use = (
        "/watch test shows it to whoever looks after the companies here, so that names that "
        "bring the wrong news get better rules. The post stays."
    )
    parts: list[Part] = [Lines((use,))]
    if Need.CHANNELS in call.may:
        parts.append(Choices((Choice("mute-story", post.delivery.id, "Mute this story"),)))
    return Answer(thanks, tuple(parts), tone=Tone.DONE)


async def tell_of_digest(_: Call) -> Answer:
    """Where the stories of a digest can be asked about, one by one."""
    said = "This post gathers several stories, so its buttons would not know which one you mean."
    return Answer(
        "Ask about a single story",
        (
            Lines((said,)),
            Hint("/news story", "shows one with all its reports; type words of its headline"),
            Hint("/news why", "says why it was posted"),
            Hint("/alerts mute", "keeps a company, an outlet or a story away"),
            Hint("/alerts settings", "changes what comes here and when"),
        ),
    )


async def pause_channel(call: Call) -> Answer:
    """Hold the posts of the channel back that the button names, until somebody resumes it."""
    return await _act_on_channel(call, "pause", pause, ("alerts-resume", "Resume"))


async def resume_channel(call: Call) -> Answer:
    """Post again in the channel that the button names."""
    return await _act_on_channel(call, "resume", resume)


async def end_channel(call: Call) -> Answer:
    """Post no more news in the channel that the button names."""
    return await _act_on_channel(call, "unsubscribe", unsubscribe)


ACTIONS: tuple[Action, ...] = (
    Action("sources", show_sources),
    Action("why", show_why),
    Action("mute-story", mute_story, Need.CHANNELS),
    Action("unmute-story", unmute_story, Need.CHANNELS),
    Action("mute-pair", mute_pair, Need.CHANNELS),
    Action("unmute-pair", unmute_pair, Need.CHANNELS),
    Action("not-relevant", say_not_relevant),
    Action("about-digest", tell_of_digest),
    Action("unsubscribe-gone", unsubscribe_gone, Need.CHANNELS),
    Action("watch-add", add_asked, Need.CHANNELS),
    Action("watch-remove", remove_asked, Need.CHANNELS),
    Action("alerts-pause", pause_channel, Need.CHANNELS, is_about_channel=True),
    Action("alerts-resume", resume_channel, Need.CHANNELS, is_about_channel=True),
    Action("alerts-end", end_channel, Need.CHANNELS, is_about_channel=True),
)

_BY_NAME = {action.name: action for action in ACTIONS}


def find_action_or_none(name: str) -> Action | None:
    """The action of this name; None for one of a version that is not this one."""
    return _BY_NAME.get(name)


async def _act_on_channel(
    call: Call, verb: str, run: Handler, back: tuple[str, str] | None = None
) -> Answer:
    """What the command does for the channel, with a button that takes it back.

    Raises:
        InputInvalid: the channel gets no news.
    """
    channel = call.text("subject")
    answer = await run(replace(call, values={"channel": channel}))
    parts = answer.parts
    if back and answer.tone is not Tone.REFUSED:
        action, label = back
        parts = (*parts, Choices((Choice(action, channel, label),)))
    done = write_line("alerts", verb, {"channel": channel})
    return replace(answer, parts=parts, done=done)


async def _find_post(call: Call) -> _Post:
    """The post whose delivery the button names.

    Raises:
        InputInvalid: it, or its story, is not on record or not this workspace's.
    """
    store, place = call.office.store, (call.place.platform, call.place.workspace)
    delivery = await store.find_delivery_or_none(call.text("subject"))
    if delivery is None:
        raise InputInvalid(
            "That post is not on record any more; /news search finds stories by their words."
        )
    own = delivery.destination.platform, delivery.destination.workspace
    if own != place:
        there = name_workspace(call.place.platform)
        raise InputInvalid(f"That post belongs to another {there}; its buttons work only there.")
    named = await store.find_story_or_none(delivery.story_id)
    story = await find_telling_or_none(store, named)
    watchers = Watchers(call.office.catalogue, await store.find_watches())
    if story is None or not watchers.is_for(story, *place):
        raise InputInvalid(
            f"That story is not among what this {name_workspace(call.place.platform)} follows any "
            "more; /news recent shows what is."
        )
    (seen,) = await view_stories(store, watchers, [story], *place)
    return _Post(delivery, seen, watchers.catalogue_of(*place))


async def _need_subscription(call: Call, delivery: Delivery) -> Subscription:
    """The subscription of the post's channel.

    Raises:
        InputInvalid: there is none any more.
    """
    found = await call.office.store.find_subscription_or_none(delivery.destination)
    if found is None:
        raise InputInvalid("That channel gets no news any more, so there is nothing to mute.")
    return found


async def _undo(call: Call, post: _Post, keys: Iterable[tuple[MuteKind, str]]) -> Answer:
    wanted = await _need_subscription(call, post.delivery)
    undone = set(keys)
    gone = [one for one in wanted.mutes if _key(one.kind, one.subject) in undone]
    await drop_mutes(call, wanted, gone)
    line = join(channel_of(wanted.destination), " hears of it again.")
    return Answer("No longer muted", (Lines((line,)),), tone=Tone.DONE)


def _tell_muted(title: str, line: Line, undo: str, post: _Post) -> Answer:
    choices = Choices((Choice(undo, post.delivery.id, "Undo"),))
    mutes = Hint("/alerts list", "typed there, shows all that is muted")
    return Answer(title, (Lines((line,)), choices, mutes), tone=Tone.DONE)


def _write(verb: str, post: _Post, subject: str, lasts: timedelta | None = None) -> str:
    """What a button did, as it would be typed."""
    place = post.delivery.destination
    return write_line(
        "alerts",
        verb,
        {
            "subject": subject,
            "for": _write_span(lasts) if lasts else None,
            "channel": f"{place.channel}/{place.thread}" if place.thread else place.channel,
        },
    )


def _write_span(lasts: timedelta) -> str:
    """``lasts`` as it is typed: "24h" and "7d"."""
    days, rest = divmod(lasts, timedelta(days=1))
    return f"{days}d" if days > 1 and not rest else f"{lasts // timedelta(hours=1)}h"


def _pairs(story: Story) -> tuple[str, ...]:
    """The pairs of a story as mutes have them; of many, the most prominent."""
    pairs = [f"{maker}+{carrier}" for maker in story.makers for carrier in story.carriers]
    return tuple(pairs if len(pairs) <= MAX_PAIRS else pairs[:1])


def _key(kind: MuteKind, subject: str) -> tuple[MuteKind, str]:
    return kind, subject
