"""Using a command, the same on every platform: done in time, never raising, and put on record.

What people can mend is told them as it is. A defect of ours becomes an apology with a reference
that stands in the log beside the traceback, never a silence. Where a command or a button that
not everybody may use has changed something, the workspace's log of changes keeps who did what.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.commands.answer import Answer, Tone, refuse
from bot.commands.canonical import hide_secrets, write_command
from bot.commands.command import Action, Call, Command, Need
from bot.commands.plain import answer_plain
from bot.errors import FeedError, InputInvalid
from bot.model import AuditRecord, Destination

WORK_S = 600.0
"""Seconds after which work is given up; no platform takes an answer for much longer.

Source: Discord documentation, "Receiving and Responding", tokens are valid for 15 minutes;
Slack documentation, "Handling user interaction", a response_url works for 30 minutes.
"""

MAX_SAID = 500
"""Characters of what was done, as it is kept."""

APOLOGY = "Something went wrong on my side."
"""How the answer to a defect of ours begins."""

Work = Callable[[], Awaitable[Answer]]
Read = Callable[[], Awaitable[Mapping[str, Any]]]

log = logging.getLogger(__name__)


async def run_command(command: Command, call: Call, *, read: Read | None = None) -> Answer:
    """The answer to ``command``; the rights of the person have been checked. Never raises.

    Args:
        read: gives the values where they have to be fetched first, as files; those of ``call``
            are taken without it. It may raise what a handler may.
    """
    given = call.values

    async def work() -> Answer:
        nonlocal given
        given = await read() if read else given
        return await command.run(replace(call, values=given))

    what = f"/{command.noun} {command.verb}"
    return await run(what, call, work, command.need, lambda: write_command(command, given))


async def run_action(action: Action, call: Call) -> Answer:
    """The answer to a button whose subject is in ``call``; see ``run_command``."""
    said = f"button {action.name} {call.text('subject')}"
    return await run(
        f"button {action.name}", call, lambda: action.run(call), action.need, lambda: said
    )


async def run_plain(call: Call, text: str) -> Answer:
    """The answer to a question in plain words. Never raises."""
    return await run("a plain question", call, lambda: answer_plain(call, text))


async def run(
    what: str,
    call: Call,
    work: Work,
    need: Need = Need.NOTHING,
    said: Callable[[], str] | None = None,
) -> Answer:
    """Do ``work``, be what comes of it an apology; put it on record if it changed something.

    Args:
        what: is done, for the log: "/alerts list", "button why".
        need: what a person must be allowed; what everybody may do is not put on record.
        said: what was done as it would be typed, where the answer does not say so itself;
            asked for afterwards.
    """
    try:
        async with asyncio.timeout(WORK_S):
            answer = await work()
    except (InputInvalid, FeedError) as error:
        return refuse(str(error))
    except Exception as error:  # noqa: BLE001 - the person is told, the log has it
        return apologise(error, what, call.place)
    if need is not Need.NOTHING and _has_changed(answer):
        await _record(call, answer.done or (said() if said else what))
    return answer


def apologise(error: Exception, what: str, place: Destination) -> Answer:
    """Log ``error``, and tell people how to ask about it."""
    reference = secrets.token_hex(3)
    where = f"{place.platform} workspace {place.workspace or '(none)'}"
    log.error("reference %s: %s broke in %s", reference, what, where, exc_info=error)
    return Answer(
        f"{APOLOGY} Try it again; if it stays so, give my operator the reference {reference}",
        tone=Tone.REFUSED,
    )


def _has_changed(answer: Answer) -> bool:
    return answer.tone in {Tone.DONE, Tone.CAUTION} and not answer.changed_nothing


async def _record(call: Call, said: str) -> None:
    """Keep who did it; the answer does not depend on that."""
    line = " ".join(hide_secrets(said).split())
    if len(line) > MAX_SAID:
        line = f"{line[: MAX_SAID - 1]}…"
    try:
        await call.office.store.add_audit(AuditRecord(call.now, call.place, call.user, line))
    except Exception:
        log.exception("what user %s did is not on record: %s", call.user, line)
