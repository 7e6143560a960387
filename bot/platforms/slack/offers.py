"""What the menus of a form offer: what commands suggest, user groups, and what is typed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any

from bot.commands.command import Call, OptionKind
from bot.commands.suggest import Suggestion, suggest
from bot.errors import SendError
from bot.platforms.slack.fields import BROADCASTS, draw_options
from bot.platforms.slack.people import Group, People
from bot.platforms.slack.rights import ADMINS, CREATOR, EVERYONE

MANAGERS = "n1:managers:"
"""How the menu is called in which admins choose who may manage."""

RULES = {
    EVERYONE: "Everybody in the channel concerned",
    ADMINS: "Admins and owners of the workspace",
    CREATOR: "Who created the channel concerned",
}
"""Who may manage, beside members of a user group."""

_SINGLE = {OptionKind.COMPANIES: OptionKind.COMPANY}
"""Of a list each is chosen by itself."""

log = logging.getLogger(__name__)


async def find_offers(
    call: Call, kind: OptionKind, typed: str, *, people: People
) -> list[dict[str, Any]]:
    """The options of a menu of ``kind``; of everything but groups, what is typed is one."""
    if kind is OptionKind.ROLE:
        groups = await _find_groups(people, call.place.workspace)
        return draw_options(suggest_groups(groups, typed), is_free=False)
    found = await suggest(call, _SINGLE.get(kind, kind), typed)
    return draw_options(found, typed=typed)


async def find_rules(typed: str, workspace: str, *, people: People) -> list[dict[str, Any]]:
    """The options of the menu of who may manage."""
    wanted = typed.strip().casefold()
    found = [Suggestion(label, rule) for rule, label in RULES.items() if wanted in label.casefold()]
    groups = suggest_groups(await _find_groups(people, workspace), typed)
    found += [
        Suggestion(f"Members of {one.label}", one.value)
        for one in groups
        if one.value not in BROADCASTS
    ]
    return draw_options(found, is_free=False)


def suggest_groups(groups: Collection[Group], typed: str) -> list[Suggestion]:
    """User groups by handle or name, then what calls all of a channel."""
    wanted = typed.strip().removeprefix("@").casefold()
    offered = [
        (Suggestion(f"@{one.handle} ({one.name})" if one.name else f"@{one.handle}", one.id), one)
        for one in sorted(groups, key=lambda one: one.handle.casefold())
    ]
    found = [
        suggestion
        for suggestion, one in offered
        if wanted in one.handle.casefold() or wanted in one.name.casefold()
    ]
    found += [Suggestion(label, value) for value, label in BROADCASTS.items() if wanted in label]
    return found


async def name_groups(people: People, workspace: str, shown: Collection[str]) -> Mapping[str, str]:
    """Handles of those user groups whose ids are among ``shown``."""
    if not any(one.startswith("S") for one in shown):
        return {}
    groups = await _find_groups(people, workspace)
    return {one.id: f"@{one.handle}" for one in groups if one.id in shown}


async def _find_groups(people: People, workspace: str) -> tuple[Group, ...]:
    """None where Slack does not tell."""
    try:
        return tuple(await people.find_groups(workspace))
    except SendError as error:
        log.warning("the user groups of %s are not known: %s", workspace, error)
        return ()
