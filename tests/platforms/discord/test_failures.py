from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
import pytest

from bot.errors import (
    PostGone,
    SendError,
    SendParked,
    SendRefused,
    SendRefusedForNow,
    SendUnclear,
)
from bot.model import Destination, Platform
from bot.platforms.discord.failures import (
    MAX_TOLD,
    Doing,
    code_of,
    judge,
    tell_parked,
)
from bot.platforms.discord.traffic import OnceOnly

CHANNEL = Destination(Platform.DISCORD, "1", "2")
THREAD = Destination(Platform.DISCORD, "1", "2", thread="3")


@dataclass
class Response:
    """As much of an answer as discord.py's errors look at."""

    status: int
    reason: str = "Refused"
    headers: dict[str, str] = field(default_factory=dict)


def refusal(status: int, code: int, **body: Any) -> discord.HTTPException:
    given = {"code": code, "message": "In Discord's words"} | body
    response: Any = Response(status, headers={"Retry-After": "7"})
    return discord.HTTPException(response, given)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, 10003, SendParked),
        (404, 10004, SendParked),
        (403, 50001, SendParked),
        (403, 50013, SendParked),
        (403, 50007, SendParked),
        (400, 50008, SendParked),
        (400, 50083, SendParked),
        (400, 160005, SendParked),
        (403, 40058, SendParked),
        (404, 10008, PostGone),
        (403, 50005, PostGone),
        (400, 50035, SendRefused),
        (400, 50006, SendRefused),
        (413, 0, SendRefused),
        (400, 30046, SendRefusedForNow),
        (400, 160006, SendRefusedForNow),
        (400, 40004, SendRefusedForNow),
        (403, 40006, SendRefusedForNow),
        (400, 40006, SendRefusedForNow),
        (429, 0, SendRefusedForNow),
        (401, 0, SendRefusedForNow),
        (403, 0, SendRefusedForNow),  # some machine in between; every channel would be parked
        (403, 40333, SendRefusedForNow),
        (404, 0, SendRefusedForNow),
        (500, 0, SendUnclear),
        (503, 0, SendUnclear),
    ],
)
def test_an_answer_means(status: int, code: int, kind: type[SendError]) -> None:
    said = judge(refusal(status, code), destination=CHANNEL)

    assert type(said) is kind
    assert "\n" not in str(said)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (discord.RateLimited(90.0), SendRefusedForNow),
        (TimeoutError(), SendUnclear),
        (aiohttp.ServerDisconnectedError(), SendUnclear),
        (ConnectionResetError(104, "reset"), SendUnclear),
        (aiohttp.ClientPayloadError("cut off"), SendUnclear),
        (OnceOnly(), SendUnclear),
    ],
)
def test_trouble_on_the_way_means(error: Exception, kind: type[SendError]) -> None:
    assert type(judge(error, destination=CHANNEL)) is kind


@pytest.mark.parametrize("code", [10003, 50083, 160005])
def test_a_post_in_a_place_that_closed_is_let_go_and_its_channel_not_parked(code: int) -> None:
    assert isinstance(judge(refusal(400, code), destination=CHANNEL, doing=Doing.EDIT), PostGone)


@pytest.mark.parametrize(
    ("error", "is_general"),
    [
        (refusal(429, 0), True),
        (refusal(401, 0), True),
        (refusal(403, 0), True),  # some machine in between
        (refusal(404, 0), True),
        (refusal(403, 40333), True),
        (refusal(400, 40006), True),
        (refusal(400, 30046), True),
        (refusal(400, 0), False),
        (refusal(403, 20000), False),  # a code of Discord's that we know nothing of
        (refusal(409, 20001), False),
        (discord.RateLimited(90.0), True),
        (SendRefusedForNow("not logged in yet"), True),
    ],
)
def test_what_says_nothing_against_the_message_is_told_from_what_may(
    error: Exception, *, is_general: bool
) -> None:
    said = judge(error, destination=CHANNEL)

    assert isinstance(said, SendRefusedForNow)
    assert said.is_general is is_general


def test_a_delay_is_kept() -> None:
    for error in (refusal(429, 0), discord.RateLimited(7.0)):
        said = judge(error, destination=CHANNEL)
        assert isinstance(said, SendRefusedForNow)
        assert said.retry_after_s == 7.0


def test_a_refused_body_is_told_with_its_places_in_bounds() -> None:
    errors = {"components": {"0": {"_errors": [{"code": "X", "message": "Too long " * 500}]}}}

    said = str(judge(refusal(400, 50035, errors=errors), destination=CHANNEL))

    assert "In components.0: Too long" in said
    assert len(said) < MAX_TOLD + 100


def test_a_thread_is_called_a_thread_and_names_its_own_permission() -> None:
    assert "Send Messages in Threads" in tell_parked(50013, THREAD)
    assert "in Threads" not in tell_parked(50013, CHANNEL)
    assert tell_parked(10003, THREAD).startswith("the thread is gone")


def test_a_defect_of_ours_is_not_dressed_up() -> None:
    with pytest.raises(KeyError):
        judge(KeyError("x"), destination=CHANNEL)


def test_the_code_behind_an_error_is_found_if_there_is_one() -> None:
    said = SendParked("x")
    said.__cause__ = refusal(400, 50008)

    assert code_of(said) == 50008
    anew = SendParked("y")
    anew.__cause__ = said
    assert code_of(anew) == 50008
    assert code_of(SendParked("x")) == 0
