"""What is set, as a person would type it: the settings of a channel, the rules of a company. Pure.

Typed behind the command, each text means again what is set.
"""

from __future__ import annotations

import re

from bot.commands.channels import Channel
from bot.commands.grammar import find_company_or_none
from bot.model import Catalogue, Ping, Rhythm, Subscription, Watch

YES = "yes"
"""What a YES field holds where it is ticked; "" where it is not."""


def list_wishes(channel: Channel) -> dict[str, str]:
    """What is set for a channel, by option; {} where it gets no news."""
    wanted = channel.subscription
    if wanted is None:
        return {}
    return {
        "scope": wanted.scope.value,
        "events": ", ".join(event.label for event in wanted.events),
        "companies": ", ".join(_typed(one, channel.catalogue) for one in wanted.companies),
        "min_outlets": str(wanted.min_outlets),
        "mode": wanted.rhythm.value,
        "at": _list_at(wanted),
        "time_zone": wanted.time_zone,
        "quiet_hours": (
            f"{wanted.quiet.start:%H:%M}-{wanted.quiet.end:%H:%M}" if wanted.quiet else ""
        ),
        "mention": wanted.ping.role if wanted.ping else "",
        "mention_for": _list_calling(wanted.ping) if wanted.ping else "",
        "thread": YES if wanted.opens_threads else "",
    }


def _list_at(wanted: Subscription) -> str:
    match wanted.rhythm:
        case Rhythm.LIVE:
            return ""
        case Rhythm.HOURLY:
            return f"{wanted.at.minute}"
        case Rhythm.DAILY:
            return f"{wanted.at:%H:%M}"


def _list_calling(ping: Ping) -> str:
    said = (["pairs"] if ping.is_for_pairs else []) + [event.label for event in ping.events]
    return ", ".join(said) or "all"


def _typed(company: str, catalogue: Catalogue) -> str:
    """How a company is written in a list: by its name, or its id where that would not be read."""
    name = catalogue.name_of(company)
    is_plain = not re.search(r"[,;、，\n]", name)
    return name if is_plain and find_company_or_none(name, catalogue) == company else company


def list_rules(watch: Watch) -> dict[str, str]:
    """What somebody said of a watched company, by option."""
    return {
        "name": watch.name,
        "role": watch.role.value,
        "aliases": ", ".join(watch.aliases),
        "needs": ", ".join(watch.needs),
        "unless": ", ".join(watch.unless),
    }
