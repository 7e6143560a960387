"""What somebody wants to mute: a company, an outlet or a story, by whatever they call it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.commands.channels import Channel
from bot.commands.command import Call
from bot.commands.forecast import LOOKED_BACK, MAX_READ
from bot.commands.grammar import find_company_or_none, find_near_names
from bot.commands.stories import find_telling_or_none
from bot.commands.wording import name_mute
from bot.errors import InputInvalid
from bot.model import Catalogue, Mute, MuteKind, Story
from bot.ports import StoryQuery

_ID = re.compile(r"#?([a-z2-7]{10})", re.IGNORECASE)
_LINK = re.compile(r"<?(https?://[^\s<>]+)>?", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[×+,/，、]\s*|\s+(?:x|and|with|&)\s+|和|与", re.IGNORECASE)

MAX_PAIR_WORDS = 8
"""Words of the names of a pair."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a mute is to be about.

    Attributes:
        subject: as ``Mute`` has it.
        story: the story, where it is one.
    """

    kind: MuteKind
    subject: str
    story: Story | None = None


async def find_subject(call: Call, channel: Channel, said: str) -> Subject:
    """The company, outlet or story that ``said`` names, in this order.

    Raises:
        InputInvalid: it names none that people of this workspace may know of.
    """
    if not said:
        raise InputInvalid("subject: name a company, an outlet, or a story by its #id or link.")
    if company := find_company_or_none(said, channel.catalogue):
        return Subject(MuteKind.COMPANY, company)
    if story := await _find_story_or_none(call, channel, said):
        return Subject(MuteKind.STORY, story.id, story)
    outlets = await _find_outlets(call, channel)
    if outlet := outlets.get(said.casefold()):
        return Subject(MuteKind.OUTLET, outlet)
    near = [outlets[one] for one in difflib.get_close_matches(said.casefold()[:80], outlets, n=2)]
    meant = list(dict.fromkeys((*find_near_names(said, channel.catalogue), *near)))
    hint = f"Did you mean {' or '.join(meant)}? " if meant else ""
    raise InputInvalid(
        f'subject: I know no company, outlet or story "{said[:60]}". {hint}Stories go by their '
        "#id, which /news recent shows, or a link."
    )


def is_said(said: str, mute: Mute, catalogue: Catalogue) -> bool:
    """Whether ``said`` names what ``mute`` is about."""
    wanted = said.casefold()
    if wanted in {name_mute(mute, catalogue).casefold(), mute.subject.casefold()}:
        return True
    match mute.kind:
        case MuteKind.COMPANY:
            return find_company_or_none(said, catalogue) == mute.subject
        case MuteKind.STORY:
            return wanted.removeprefix("#") == mute.subject
        case MuteKind.PAIR:
            return set(mute.subject.split("+")) in _read_pairs(said, catalogue)
        case MuteKind.OUTLET:
            return False


def find_pairs_of(said: str, mutes: Iterable[Mute], catalogue: Catalogue) -> tuple[Mute, ...]:
    """The mutes of pairs that the company ``said`` is one half of."""
    company = find_company_or_none(said, catalogue)
    pairs = (mute for mute in mutes if mute.kind is MuteKind.PAIR)
    return tuple(mute for mute in pairs if company in mute.subject.split("+"))


def _read_pairs(said: str, catalogue: Catalogue) -> list[set[str | None]]:
    """The companies that ``said`` may name, with a sign or "and" between them, or a space."""
    named = [{find_company_or_none(one, catalogue) for one in _BETWEEN.split(said)}]
    words = said.split()[:MAX_PAIR_WORDS]
    for at in range(1, len(words)):
        halves = (" ".join(words[:at]), " ".join(words[at:]))
        named.append({find_company_or_none(half, catalogue) for half in halves})
    return named


async def _find_story_or_none(call: Call, channel: Channel, said: str) -> Story | None:
    """The story that tells what ``said`` points at by id or link, if this workspace sees it."""
    store = call.office.store
    if known := _ID.fullmatch(said):
        found = await store.find_story_or_none(known[1].lower())
    elif link := _LINK.fullmatch(said):
        entries = await store.find_entries_at(link[1], limit=1)
        found = await store.find_story_or_none(entries[0].story_id) if entries else None
    else:
        return None
    story = await find_telling_or_none(store, found)
    place = channel.destination.platform, channel.destination.workspace
    return story if story and channel.watchers.is_for(story, *place) else None


async def _find_outlets(call: Call, channel: Channel) -> dict[str, str]:
    """Names of outlets as posts show them, by how they may be written."""
    known = call.office.catalogue.outlets.values()
    names = {variant.casefold(): one.name for one in known for variant in one.variants}
    place = channel.destination.platform, channel.destination.workspace
    query = StoryQuery(
        since=call.now - LOOKED_BACK, limit=MAX_READ, watched=channel.watchers.ids_of(*place)
    )
    for story in await call.office.store.find_stories(query):
        names |= {report.outlet.casefold(): report.outlet for report in story.coverage}
    return names | {one.name.casefold(): one.name for one in known}
