"""Answers of ``/watch``: trying a name, adding, changing, removing and listing companies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypedDict

from bot.commands.answer import (
    Answer,
    Choice,
    Choices,
    Facts,
    Heading,
    Hint,
    Line,
    Lines,
    Part,
    Tone,
    list_lines,
)
from bot.commands.canonical import write_line
from bot.commands.command import Call
from bot.commands.watches import (
    SAMPLES,
    Trial,
    add_watch,
    check_new,
    edit_watch,
    find_brand,
    find_watch_or_none,
    find_watches,
    remove_watch,
    tell_assessment,
    tell_known,
    tell_warning,
    try_watch,
)
from bot.commands.watchforms import digest_of, list_options, pack_or_none, read_change, unpack
from bot.commands.wording import channel_of, count, name_workspace
from bot.errors import InputInvalid
from bot.matching import MAX_WATCHES, Ambiguity, Assessment, company_of
from bot.model import Feedback, FiledEntry, MuteKind, Platform, Subscription, Watch


class _Place(TypedDict):
    platform: Platform
    workspace: str


MAX_FEEDBACK = 1_000
"""What people said that is looked through, the newest."""

_WEEK = timedelta(days=7)
_TEST = Hint("/watch test", "shows what a name finds")
_EDIT_NEEDS = Hint("/watch add", "with needs or unless makes it surer")
_NEEDS = Hint("/watch add", "with needs makes it surer")
_EDIT = Hint("/watch edit", "changes how it is looked for")


async def add(call: Call) -> Answer:
    """Watch a company, after a question where its name may mean something else."""
    catalogue, store = call.office.catalogue, call.office.store
    watch = read_change(call).apply(replace(_here(call), name=call.text("name")))
    trial = await try_watch(store, catalogue, watch, matcher=call.office.matcher)
    if known := tell_known(trial.assessment, catalogue):
        return Answer(known, (Hint("/news recent", "shows its news"),))
    await check_new(store, catalogue, watch)
    packed = pack_or_none(watch)
    warnings = _tell_warnings(trial.assessment, watch, call)
    found = (*_tell_rules(trial.assessment), *_tell_found(trial, call))
    if warnings and packed and not _is_settled(watch, call):
        surer = _NEEDS if watch.unless else _EDIT_NEEDS
        parts = (*list_lines(warnings), *found, _ask(packed), surer)
        title = f"Watch {trial.assessment.company.name}?"
        return Answer(title, parts, tone=Tone.CAUTION, changed_nothing=True)
    assessment = await add_watch(store, catalogue, watch, now=call.now)
    name = assessment.company.name
    undo = (_offer_removal(name),) if warnings else ()
    tone = Tone.CAUTION if warnings else Tone.DONE
    parts = (*list_lines(warnings), *found, *undo, _EDIT)
    return Answer(f"{name} is watched from now on", parts, tone=tone)


async def add_asked(call: Call) -> Answer:
    """Watch what a button carries; its subject is what ``pack_or_none`` made."""
    watch = unpack(call.text("subject"), _here(call))
    catalogue = call.office.catalogue
    assessment = await add_watch(call.office.store, catalogue, watch, now=call.now)
    if known := tell_known(assessment, catalogue):
        return Answer(known)
    name = assessment.company.name
    parts = (*_tell_rules(assessment), _offer_removal(name), _TEST)
    done = write_line("watch", "add", list_options(watch))
    return Answer(f"{name} is watched from now on", parts, tone=Tone.DONE, done=done)


async def remove(call: Call) -> Answer:
    """Watch a company no more."""
    return await _remove(call, call.text("name"))


async def remove_asked(call: Call) -> Answer:
    """Watch no more what a button names; its subject is what ``digest_of`` made."""
    own = await find_watches(call.office.store, call.office.catalogue, **_place(call))
    names = (watch.name for watch, _ in own if digest_of(watch.name) == call.text("subject"))
    name = next(names, None)
    if name is None:
        raise InputInvalid("That company is not watched here any more.")
    answer = await _remove(call, name)
    return replace(answer, done=write_line("watch", "remove", {"name": name}))


async def list_(call: Call) -> Answer:
    """The companies that this workspace watches."""
    own = await find_watches(call.office.store, call.office.catalogue, **_place(call))
    if not own:
        start = Hint("/watch add", "adds one: a name is enough")
        return Answer("Only the companies that everybody gets are watched here", (start,))
    rows = tuple(
        (assessment.company.name, _tell_watch(watch, assessment)) for watch, assessment in own
    )
    title = f"{count(len(own), 'company', 'companies')} of {MAX_WATCHES} watched here"
    return Answer(title, (Facts(rows), _TEST, _EDIT))


async def edit(call: Call) -> Answer:
    """Change how a company is looked for."""
    change, name = read_change(call), call.text("name")
    catalogue, store = call.office.catalogue, call.office.store
    before = await find_watch_or_none(store, name, **_place(call))
    assessment = await edit_watch(store, catalogue, name, change, now=call.now, **_place(call))
    if before is not None and change.apply(before) == before:
        parts: tuple[Part, ...] = (*_tell_rules(assessment), _EDIT)
        return Answer("As it was: name what shall change", parts)
    changed = change.apply(before or Watch(name))
    if before is not None:
        await _follow(call, company_of(before).id, assessment.company.id)
    trial = await try_watch(store, catalogue, changed, matcher=call.office.matcher)
    parts = (*_tell_rules(assessment), *_tell_found(trial, call))
    return Answer(f"{assessment.company.name} is changed", parts, tone=Tone.DONE)


async def test(call: Call) -> Answer:
    """What a name would find among recent headlines; nothing is changed."""
    catalogue, store = call.office.catalogue, call.office.store
    name = call.text("name")
    own = await find_watch_or_none(store, name, **_place(call))
    watch = read_change(call).apply(own or replace(_here(call), name=name))
    trial = await try_watch(store, catalogue, watch, matcher=call.office.matcher)
    company = trial.assessment.known or trial.assessment.company.id
    known = tell_known(trial.assessment, catalogue)
    parts: list[Part] = [
        *(list_lines([known]) if known else _tell_rules(trial.assessment)),
        *list_lines(() if known or own else _tell_warnings(trial.assessment, watch, call)),
        *_tell_found(trial, call),
        *_tell_feedback(await _find_feedback(call, company)),
    ]
    hint = _EDIT if own else Hint("/watch add", "has it watched")
    return Answer(f"{trial.assessment.company.name}, tried", (*parts, *(() if known else (hint,))))


async def _remove(call: Call, name: str) -> Answer:
    store = call.office.store
    found = await find_watch_or_none(store, name, **_place(call))
    left = await _tell_left(call, company_of(found).id) if found else []
    await remove_watch(store, name, **_place(call))
    lines: list[Line] = ["Stories that were found stay in the record.", *left]
    tone = Tone.CAUTION if len(lines) > 1 else Tone.DONE
    title = f"{found.name if found else name} is watched no more"
    return Answer(title, (Lines(tuple(lines)),), tone=tone)


async def _tell_left(call: Call, company: str) -> list[Line]:
    """Which channels ask for ``company`` by name; of those not theirs to see only how many."""
    asking = [
        one.destination for one in await _find_subscriptions(call) if company in one.companies
    ]
    seen = [place for place in asking if await call.can_see(place)]
    told = "by name; /alerts settings with companies changes that"
    lines: list[Line] = [(channel_of(place), f" asks for it {told}.") for place in seen]
    if hidden := len(asking) - len(seen):
        where = "1 channel" if hidden == 1 else f"{hidden} channels"
        verb = "asks" if hidden == 1 else "ask"
        lines.append(f"{where} that you are not in {verb} for it {told}.")
    return lines


async def _follow(call: Call, old: str, new: str) -> None:
    """Have channels that ask for a company, or mute it, go on doing so under its new id."""
    for one in await _find_subscriptions(call):
        companies = tuple(new if company == old else company for company in one.companies)
        if companies != one.companies:
            await call.office.store.subscribe(replace(one, companies=companies), now=call.now)
        followed = {
            mute: replace(mute, subject=_renamed(mute.subject, "+", old, new))
            for mute in one.mutes
            if mute.kind in {MuteKind.COMPANY, MuteKind.PAIR}
        }
        moved = [mute for mute in followed if followed[mute] != mute]
        if moved:
            await call.office.store.change_mutes(
                one.destination,
                now=call.now,
                add=[followed[mute] for mute in moved],
                drop=[(mute.kind, mute.subject) for mute in moved],
            )


async def _find_subscriptions(call: Call) -> tuple[Subscription, ...]:
    return await call.office.store.find_subscriptions(call.place.platform, call.place.workspace)


def _renamed(subject: str, sign: str, old: str, new: str) -> str:
    return sign.join(new if company == old else company for company in subject.split(sign))


def _here(call: Call) -> Watch:
    """A watch of the call's workspace, yet without a name."""
    return Watch("", **_place(call))


def _place(call: Call) -> _Place:
    """Whose watches they are.

    Raises:
        InputInvalid: nobody's, in a conversation with the bot alone.
    """
    if call.is_direct:
        there = name_workspace(call.place.platform)
        raise InputInvalid(f"Companies are watched for a whole {there}; type it there.")
    return {"platform": call.place.platform, "workspace": call.place.workspace}


def _tell_warnings(assessment: Assessment, watch: Watch, call: Call) -> tuple[str, ...]:
    """Why the name may bring what nobody wants; () where it is clear."""
    lines = []
    if brand := find_brand(watch.name, call.office.catalogue):
        owner = call.office.catalogue.name_of(brand)
        lines.append(f"{watch.name} is looked for already, and counts as {owner}.")
    if assessment.ambiguity is not Ambiguity.CLEAR and assessment.held:
        lines.append(f"{tell_warning(assessment)}.")
    elif assessment.ambiguity is not Ambiguity.CLEAR and not assessment.known:
        lines += [f"{reason[:1].upper()}{reason[1:]}." for reason in assessment.reasons]
    return tuple(lines)


def _is_settled(watch: Watch, call: Call) -> bool:
    """Whether somebody has said what shows that a doubtful name is meant."""
    return bool(watch.needs) and not find_brand(watch.name, call.office.catalogue)


def _tell_rules(assessment: Assessment) -> tuple[Part, ...]:
    """How it is looked for, in lines; why that is so is told by the warnings."""
    lines: list[str] = []
    for line in tell_assessment(assessment):
        text = line.strip()
        if text.startswith("as in "):  # the console breaks that line
            lines[-1] += f" {text}"
        elif text not in assessment.reasons:
            lines.append(text)
    return list_lines(lines)


def tell_rules(watch: Watch) -> str:
    """What somebody said of a company that they watch, on one line."""
    role = "another company" if watch.role.value == "other" else watch.role.value
    said = [role]
    if watch.aliases:
        said.append(f"also {', '.join(watch.aliases)}")
    if watch.needs:
        said.append(f"beside {' or '.join(watch.needs)}")
    if watch.unless:
        said.append(f"never beside {' or '.join(watch.unless)}")
    return "; ".join(said)


def _tell_watch(watch: Watch, assessment: Assessment) -> str:
    known = "; in the catalogue by now, so everybody gets it" if assessment.known else ""
    return f"{tell_rules(watch)}{known}"


def _tell_found(trial: Trial, call: Call) -> tuple[Part, ...]:
    """How many recent headlines would count, with samples of those that would and would not."""
    total = len(trial.taken) + len(trial.passed)
    if not total:
        return list_lines(["No recent headline has the name in it, so news of it may be rare."])
    lately = sum(one.seen_at >= call.now - _WEEK for one in trial.taken)
    said = (
        f"Of {count(total, 'recent headline')} with the name in it, {len(trial.taken)} "
        f"{'counts' if len(trial.taken) == 1 else 'count'}; {lately} of the last 7 days."
    )
    return (
        Lines((said,)),
        *_tell_samples("These count", trial.taken),
        *_tell_samples("These do not", trial.passed),
    )


def _tell_samples(head: str, entries: Sequence[FiledEntry]) -> tuple[Part, ...]:
    if not entries:
        return ()
    lines = [entry.title for entry in entries[:SAMPLES]]
    if len(entries) > SAMPLES:
        lines.append(f"… and {len(entries) - SAMPLES} more")
    return (Heading(head), *list_lines(lines))


async def _find_feedback(call: Call, company: str) -> list[Feedback]:
    """What people here said of stories that name ``company``, newest first, a story once."""
    place = call.place
    said = await call.office.store.find_feedback(
        place.platform, place.workspace, limit=MAX_FEEDBACK
    )
    by_story = {one.story_id: one for one in reversed(said) if company in one.companies}
    return sorted(by_story.values(), key=lambda one: one.said_at, reverse=True)


def _tell_feedback(said: Sequence[Feedback]) -> tuple[Part, ...]:
    if not said:
        return ()
    stories = count(len(said), "story", "stories")
    lines = [f"People here called {stories} that {'names' if len(said) == 1 else 'name'} it"]
    lines[0] += " not relevant:"
    lines += [one.headline for one in said[:SAMPLES]]
    lines += [f"… and {len(said) - SAMPLES} more"] if len(said) > SAMPLES else []
    return (Heading("Not relevant"), Lines(tuple(lines)))


def _ask(packed: str) -> Choices:
    return Choices((Choice("watch-add", packed, "Watch it"),))


def warn_of_removal(name: str) -> str:
    """What is asked before a company is watched no more."""
    return f"Remove {name}? What was said of it, as aliases and words to look for, is forgotten."


def _offer_removal(name: str) -> Choices:
    warning = warn_of_removal(name)
    removal = Choice("watch-remove", digest_of(name), "Remove", is_risky=True, warning=warning)
    return Choices((removal,))
