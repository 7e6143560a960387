"""Companies that people add: trying a name, adding, changing, removing, listing.

The same for every platform: a platform reads its own form of the command, and shows the
lines it is given here.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.commands.wishes import parse_names
from bot.errors import InputInvalid
from bot.matching import (
    MAX_WATCHES,
    Ambiguity,
    Assessment,
    Matcher,
    Watchers,
    assess,
    company_of,
    find_known,
    watch_key,
)
from bot.matching.spellings import is_legal_form
from bot.model import Catalogue, Match, Platform, Role, Watch
from bot.ports import FiledEntry, StoryStore, WatchStore

LOOKED_AT = 400
"""Recent headlines with a name in them that ``try_watch`` reads, flagged ones and others each."""

SAMPLES = 8
"""Headlines it shows of each kind."""


@dataclass(frozen=True, slots=True)
class Change:
    """What to change of a watch; None leaves a thing as it is.

    ``exact_case`` is a tuple of one, so that "as the name suggests" (None) can be said too.
    """

    role: Role | None = None
    aliases: tuple[str, ...] | None = None
    needs: tuple[str, ...] | None = None
    unless: tuple[str, ...] | None = None
    exact_case: tuple[bool | None] | None = None
    is_alone: bool | None = None

    def apply(self, watch: Watch) -> Watch:
        """``watch`` with the change."""
        return replace(
            watch,
            role=watch.role if self.role is None else self.role,
            aliases=watch.aliases if self.aliases is None else self._list_others(watch.name),
            needs=watch.needs if self.needs is None else self.needs,
            unless=watch.unless if self.unless is None else self.unless,
            exact_case=watch.exact_case if self.exact_case is None else self.exact_case[0],
            is_alone=watch.is_alone if self.is_alone is None else self.is_alone,
        )

    def _list_others(self, name: str) -> tuple[str, ...]:
        """The aliases that are not the name itself; its other spellings may find more."""
        own = " ".join(name.split())
        return tuple(alias for alias in self.aliases or () if alias != own)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a watch would bring.

    Attributes:
        verdicts: of the headlines given, in their order.
        taken, passed: recent entries that hold a name and are, or are not, about the
            company, newest first.
    """

    assessment: Assessment
    verdicts: tuple[tuple[str, Match], ...] = ()
    taken: tuple[FiledEntry, ...] = ()
    passed: tuple[FiledEntry, ...] = ()


def assess_watch(watch: Watch, catalogue: Catalogue) -> Assessment:
    """What we make of ``watch``.

    Raises:
        InputInvalid: nobody can be called that; the message says what to write.
    """
    try:
        return assess(watch, catalogue)
    except ValueError as error:
        raise InputInvalid(str(error)) from None


async def add_watch(
    store: WatchStore, catalogue: Catalogue, watch: Watch, *, now: datetime
) -> Assessment:
    """Have ``watch`` looked for from now on; one that the catalogue knows is not stored.

    Raises:
        InputInvalid: the name is none, is watched already, or there are too many.
    """
    assessment = assess_watch(watch, catalogue)
    if assessment.known:
        return assessment
    await check_new(store, catalogue, watch)
    await store.save_watch(watch, now=now)
    # Somebody else may have added one since the look above: the store takes what it is given.
    kept = await _find_own(store, watch.platform, watch.workspace)
    if list(kept).index(watch_key(watch.name)) >= MAX_WATCHES:
        await store.remove_watch(watch.platform, watch.workspace, watch.name)
        raise _too_many(MAX_WATCHES)
    return assessment


async def check_new(store: WatchStore, catalogue: Catalogue, watch: Watch) -> None:
    """Refuse what is watched already under this or another spelling, or is one too many.

    Several names at once are no name either; "Example Co., Ltd." is one.

    Raises:
        InputInvalid: the message names the watch that there is, or what is wrong.
    """
    first, *others = parse_names(watch.name) or ("",)
    if not all(map(is_legal_form, others)):
        raise InputInvalid(f"Add one company at a time: first {first}, then {others[0]}.")
    own = await _find_own(store, watch.platform, watch.workspace)
    if watch_key(watch.name) in own:
        raise InputInvalid(f"{watch.name} is watched already; change it with edit")
    theirs = Watchers(Catalogue(), own.values()).catalogue
    if known := find_known(watch.name, theirs):
        raise InputInvalid(
            f"{watch.name} is watched already, as {theirs.name_of(known)}; change that with edit"
        )
    _check_aliases(watch, catalogue)
    if len(own) >= MAX_WATCHES:
        raise _too_many(len(own))


async def edit_watch(
    store: WatchStore,
    catalogue: Catalogue,
    name: str,
    change: Change,
    *,
    platform: Platform = Platform.CONSOLE,
    workspace: str = "",
    now: datetime,
) -> Assessment:
    """Change what is watched under ``name``.

    Raises:
        InputInvalid: nothing is, or the change cannot be.
    """
    watch = await find_watch_or_none(store, name, platform=platform, workspace=workspace)
    if watch is None:
        raise await _unknown(store, name, platform, workspace)
    changed = change.apply(watch)
    assessment = assess_watch(changed, catalogue)
    _check_aliases(changed, catalogue)
    if changed != watch:
        renamed = (company_of(watch).id, company_of(changed).id)
        await store.save_watch(changed, now=now, renamed=renamed)
    return assessment


async def remove_watch(
    store: WatchStore,
    name: str,
    *,
    platform: Platform = Platform.CONSOLE,
    workspace: str = "",
) -> None:
    """Look for it no more; stories that were found stay.

    Raises:
        InputInvalid: nothing is watched under ``name``; the nearest name is suggested.
    """
    if not await store.remove_watch(platform, workspace, name):
        raise await _unknown(store, name, platform, workspace)


async def find_watch_or_none(
    store: WatchStore,
    name: str,
    *,
    platform: Platform = Platform.CONSOLE,
    workspace: str = "",
) -> Watch | None:
    """The watch of this workspace under ``name``, in any spelling that makes no difference."""
    return (await _find_own(store, platform, workspace)).get(watch_key(name))


async def find_watches(
    store: WatchStore,
    catalogue: Catalogue,
    *,
    platform: Platform = Platform.CONSOLE,
    workspace: str = "",
) -> tuple[tuple[Watch, Assessment], ...]:
    """The watches of this workspace in order of adding, each with what we make of it."""
    own = await _find_own(store, platform, workspace)
    return tuple((watch, assess_watch(watch, catalogue)) for watch in own.values())


async def try_watch(
    store: StoryStore,
    catalogue: Catalogue,
    watch: Watch,
    headlines: Sequence[str] = (),
    *,
    matcher: Matcher | None = None,
) -> Trial:
    """What ``watch`` would find in ``headlines``, and in those of recent entries.

    Args:
        matcher: one for ``catalogue``, where there is one; to build it takes a second.

    Raises:
        InputInvalid: as ``assess_watch``.
    """
    assessment = assess_watch(watch, catalogue)
    own = assessment.known or assessment.company.id
    watched = () if assessment.known else (company_of(watch),)
    matcher = (matcher or Matcher(catalogue)).watching(watched)
    names = [alias.text for alias in assessment.company.aliases]
    recent: dict[int, FiledEntry] = {}
    for name in names:
        for in_story in (True, False):
            found = await store.find_entries_saying([name], in_story=in_story, limit=LOOKED_AT)
            recent |= {entry.id: entry for entry in found}
    newest_first = [recent[entry_id] for entry_id in sorted(recent, reverse=True)]
    read = []
    for entry in newest_first[: 2 * LOOKED_AT]:
        read.append((entry, matcher.match(entry.title)))
        await asyncio.sleep(0)  # a bot goes on meanwhile
    return Trial(
        assessment=assessment,
        verdicts=tuple((text, matcher.match(text)) for text in headlines),
        taken=tuple(entry for entry, match in read if own in match.companies),
        passed=tuple(entry for entry, match in read if _is_passed(match, own)),
    )


def _is_passed(match: Match, company: str) -> bool:
    """Whether the name was seen and not taken; "3" in "2013" is not even seen."""
    seen = any(rejection.company == company for rejection in match.rejections)
    return seen and company not in match.companies


def find_brand(name: str, catalogue: Catalogue) -> str:
    """Id of the company of ``catalogue`` that has a brand or product called ``name``, or ""."""
    wanted = _squeezed(name)
    for company in catalogue.companies.values():
        if any(alias.brand and _squeezed(alias.text) == wanted for alias in company.aliases):
            return company.id
    return ""


def tell_known(assessment: Assessment, catalogue: Catalogue) -> str:
    """The answer to somebody who wants a company that everybody gets, or ""."""
    if not assessment.known:
        return ""
    return f"{catalogue.name_of(assessment.known)} is watched already, for everybody."


def tell_assessment(assessment: Assessment) -> tuple[str, ...]:
    """What we make of a watch, in lines for people."""
    company = assessment.company
    lines = [f"{company.name}: {_role(company.role)}, {assessment.ambiguity}"]
    lines += [f"  {reason}" for reason in assessment.reasons]
    if assessment.loose:
        lines.append(f"  counts wherever it stands: {_quoted(assessment.loose)}")
    needs = company.aliases[0].needs
    if assessment.held and needs:
        lines.append(f"  counts beside {' or '.join(needs)}: {_quoted(assessment.held)}")
    elif assessment.held:
        lines.append(f"  counts where the sentence shows a company: {_quoted(assessment.held)},")
        lines.append(f"    {_examples(assessment.held[0])}")
    if company.aliases[0].unless:
        lines.append(f"  never beside {' or '.join(company.aliases[0].unless)}")
    return tuple(lines)


def tell_warning(assessment: Assessment) -> str:
    """One line for whoever watches an ambiguous name, or ""."""
    if assessment.ambiguity is Ambiguity.CLEAR or assessment.known:
        return ""
    why = "; ".join(assessment.reasons)
    if not assessment.held:
        return f"{why}; it counts wherever it stands, as you said"
    if needs := assessment.company.aliases[0].needs:
        return f"{why}; it counts only beside {' or '.join(needs)}"
    return f"{why}; it counts only where the sentence shows a company"


def _examples(name: str) -> str:
    """Sentences in which an everyday word is plainly a company."""
    return f'as in "{name} announces …", "CEO of {name}", "Samsung and {name}"'


def _role(role: Role) -> str:
    return "another company" if role is Role.OTHER else role.value


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


async def _find_own(store: WatchStore, platform: Platform, workspace: str) -> dict[str, Watch]:
    """The watches of a workspace by what makes their names one."""
    watches = await store.find_watches()
    return {
        watch_key(watch.name): watch
        for watch in watches
        if (watch.platform, watch.workspace) == (platform, workspace)
    }


def _check_aliases(watch: Watch, catalogue: Catalogue) -> None:
    """Refuse to count a company that everybody gets as another.

    Raises:
        InputInvalid: an alias is the name of a company of the catalogue.
    """
    for alias in watch.aliases:
        if known := find_known(alias, catalogue):
            raise InputInvalid(
                f'"{alias}" is {catalogue.name_of(known)}, which is watched already, for '
                f"everybody; leave it out of the other names of {watch.name}"
            )


def _too_many(count: int) -> InputInvalid:
    return InputInvalid(
        f"{count} companies are watched here, and that is the most; remove one first"
    )


def _squeezed(name: str) -> str:
    """What is left of a name where spaces, hyphens, accents and case make no difference."""
    return watch_key(name).replace("-", "")


async def _unknown(
    store: WatchStore, name: str, platform: Platform, workspace: str
) -> InputInvalid:
    names = [w.name for w in (await _find_own(store, platform, workspace)).values()]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}? " if near else ""
    watched = f"Watched here: {', '.join(names)}." if names else "Nothing is watched here yet."
    return InputInvalid(f'"{name}" is not watched here. {hint}{watched}')
