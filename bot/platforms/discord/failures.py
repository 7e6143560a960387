"""What a failed call means for the delivery: repeat, put off, park, or give up. Pure.

Source: Discord documentation, "Opcodes and Status Codes", JSON error codes. A destination is
parked only for codes that say so in plain terms: a 403 from some machine in between must not
silence every channel.
"""

from __future__ import annotations

from copy import copy
from enum import Enum

import aiohttp
import discord

from bot.delivery.parking import RESUME
from bot.errors import (
    PostGone,
    SendError,
    SendParked,
    SendRefused,
    SendRefusedForNow,
    SendUnclear,
)
from bot.model import Destination
from bot.platforms.discord.traffic import BAN_S, OFF_S, OnceOnly

NO_RIGHT = frozenset({50001, 50013})
"""Discord's codes for a place that the bot may not see, or where it may not do that."""

HIDDEN_FORUM = (
    "the bot may not look through the forum for a post that may be there, and would make it"
    f" twice; allow it View Channel and Read Message History there, {RESUME}"
)
"""Why a forum is parked where a post was cut off: threads take no nonce."""

MAX_TOLD = 600
"""Characters of Discord's own words that are repeated; they may quote the feed."""

LIBRARY_REPEATS = frozenset({500, 502, 504, 524})
"""Answers that discord.py repeats by itself, five times over 25 s."""

_LATER_S = 3_600.0
_LATER = frozenset(
    {
        30046,  # too many edits of posts older than an hour
        40004,  # sending messages is switched off for a time, by Discord
        40006,  # this feature is
        160006,  # too many active threads in the server
    }
)
_BLOCKED = 40333
"""Cloudflare, in front of Discord, takes nothing from us."""

_BODY = frozenset({50006, 50035, 50109})
_GONE = {
    10008: "people deleted the post",
    50005: "the post is another bot's; was discord.token changed?",
}
_CLOSED = {
    10003: "people deleted the channel or thread that the post was in",
    50083: "the thread that the post is in is archived",
    160005: "the thread that the post is in is locked",
}


class Doing(Enum):
    """What was asked."""

    POST = "post"
    EDIT = "edit"


def judge(error: Exception, *, destination: Destination, doing: Doing = Doing.POST) -> SendError:
    """The error of the port that ``error`` stands for, whatever came before it.

    Raises:
        Exception: ``error`` itself, if it is none of the library's or the network's.
    """
    said: SendError
    match error:
        case SendError():
            # As its own cause an error could not be shown.
            said = copy(error)
            if isinstance(said, SendRefusedForNow):  # of a login, or of the traffic
                said.is_general = True
        case discord.HTTPException() if error.status >= 500:
            said = SendUnclear(f"discord: answered {error.status}")
        case discord.HTTPException():
            said = _judge_refusal(error, destination, doing)
        case discord.RateLimited():
            said = SendRefusedForNow(
                f"discord: its limit asks to wait {error.retry_after:.0f} s",
                retry_after_s=error.retry_after,
                is_general=True,
            )
        case OnceOnly():
            said = SendUnclear("discord: no clear answer; the post may be there")
        case aiohttp.ClientConnectorError():
            said = SendRefusedForNow("discord: cannot be reached", is_general=True)
        case TimeoutError():
            said = SendUnclear("discord: no answer in time")
        case aiohttp.ClientError() | OSError():
            said = SendUnclear(f"discord: the connection broke ({type(error).__name__})")
        case _:
            raise error
    return said


def is_repeated(error: Exception) -> bool:
    """Whether discord.py repeated it already, so that we need not at once."""
    return isinstance(error, discord.HTTPException) and error.status in LIBRARY_REPEATS


def code_of(error: SendError) -> int:
    """Discord's code behind ``error``, or 0."""
    cause = error.__cause__
    while isinstance(cause, SendError):  # said anew on its way up
        cause = cause.__cause__
    code = getattr(cause, "code", 0)
    return code if isinstance(code, int) else 0


def tell_parked(code: int, destination: Destination) -> str:
    """Why nothing arrives there, and what a person must change; "" for any other code."""
    place = "thread" if destination.thread else "channel"
    rights = "View Channel and Send Messages"
    if destination.thread:
        rights += " in Threads"
    told = {
        10003: f"the {place} is gone; subscribe another with /alerts subscribe",
        10004: f"the bot is not in the server any more; invite it again, {RESUME}",
        40067: f"posts here need a tag and there is none the bot may use; add one, {RESUME}",
        40058: f"the {place} takes no posts before its author has written there; do so, {RESUME}",
        50001: f"the bot cannot see the {place}; allow it View Channel there, {RESUME}",
        50007: f"the person takes no direct messages of the bot; allow them, {RESUME}",
        50008: f"the {place} is of a kind that takes no posts; subscribe another",
        50013: f"the bot may not post in the {place}; allow it {rights} there, {RESUME}",
        50024: f"the {place} is of a kind that takes no posts; subscribe another",
        50083: f"the {place} is archived and the bot may not open it; open it, {RESUME}",
        160005: f"the {place} is locked; unlock it, {RESUME}",
    }
    return told.get(code, "")


def _judge_refusal(error: discord.HTTPException, place: Destination, doing: Doing) -> SendError:
    """What an answer 4xx means: nothing was done."""
    code, status = error.code, error.status
    if code in _GONE or (code in _CLOSED and doing is Doing.EDIT):
        return PostGone(f"discord: {_GONE.get(code) or _CLOSED[code]}")
    if told := tell_parked(code, place):
        return SendParked(told)
    if code in _BODY or status == 413 or (status == 400 and code and code not in _LATER):
        return SendRefused(f"discord: does not take what we sent: {_words(error)}")
    told = "the token is not taken (discord.token)" if status == 401 else _words(error)
    return SendRefusedForNow(
        f"discord: answered {status}: {told}",
        retry_after_s=_wait_s(error),
        is_general=_is_general(error),
    )


def _is_general(error: discord.HTTPException) -> bool:
    """Whether anything else would have been refused too.

    Without a code it was no part of Discord that knows of messages, but some machine in front;
    400 is said of what was asked, by whomever.
    """
    if error.status in {401, 429} or error.code in _LATER or error.code == _BLOCKED:
        return True
    return not error.code and error.status != 400


def _wait_s(error: discord.HTTPException) -> float | None:
    if error.status == 429:
        return _retry_after_s(error)
    if error.status == 401:
        return OFF_S
    return _LATER_S if error.code in _LATER else BAN_S


def _words(error: discord.HTTPException) -> str:
    """Discord's words with the places in our body that it names, on one line."""
    words = " · ".join(line.strip() for line in error.text.splitlines() if line.strip())
    return f"{error.code} {words[:MAX_TOLD]}".strip()


def _retry_after_s(error: discord.HTTPException) -> float | None:
    try:
        return float(error.response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
