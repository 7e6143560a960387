"""What machines ask over HTTP, and what strangers learn from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from bot.web.access import Keys
from bot.web.probes import Probes, make_routes
from bot.web.readiness import Check
from bot.web.site import House, make_site, open_site, say_error
from tests.builders import NOW

TOKEN = "an-invented-token-of-a-test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class Bot:
    """A bot that is as well as it is told to be."""

    is_alive: bool = True
    ills: set[str] = field(default_factory=set)
    accepted: list[str] = field(default_factory=list)

    def check_life(self) -> Check:
        return Check("loop", self.is_alive, "held up for 0% of the last minute")

    async def check_work(self) -> tuple[Check, ...]:
        return tuple(
            Check(name, name not in self.ills, f"{name} by its setting")
            for name in ("database", "polls", "backlog")
        )

    async def expose(self, accept: str) -> tuple[bytes, str]:
        self.accepted.append(accept)
        return b"newsbot_polls_total 1\n", "text/plain; version=0.0.4; charset=utf-8"


@asynccontextmanager
async def visit(bot: Bot, token: str = "") -> AsyncIterator[httpx.AsyncClient]:
    keys = Keys(lambda: NOW, token)
    routes = make_routes(Probes(bot.check_life, bot.check_work, bot.expose), keys)
    server = make_site(House(keys), routes, draw_error=say_error)
    async with (
        open_site(server, listen="127.0.0.1:0") as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        yield client


async def test_a_bot_that_is_well_says_so() -> None:
    async with visit(Bot()) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert (alive.status_code, alive.text.splitlines()[0]) == (200, "alive")
    assert (ready.status_code, ready.text.splitlines()) == (
        200,
        [
            "ready",
            "ok   database  database by its setting",
            "ok   polls     polls by its setting",
            "ok   backlog   backlog by its setting",
        ],
    )


async def test_a_process_that_does_not_keep_time_is_to_be_restarted() -> None:
    async with visit(Bot(is_alive=False)) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert (alive.status_code, alive.text.splitlines()[0]) == (503, "not alive")
    assert ready.status_code == 200


async def test_one_condition_that_does_not_hold_is_enough() -> None:
    async with visit(Bot(ills={"backlog"})) as client:
        text = await client.get("/readyz")
        told = await client.get("/readyz", headers={"Accept": "application/json"})

    assert (text.status_code, told.status_code) == (503, 503)
    assert "FAIL backlog   backlog by its setting" in text.text
    assert told.json() == {
        "status": "not ready",
        "checks": [
            {"name": "database", "is_good": True, "figure": "database by its setting"},
            {"name": "polls", "is_good": True, "figure": "polls by its setting"},
            {"name": "backlog", "is_good": False, "figure": "backlog by its setting"},
        ],
    }


@pytest.mark.parametrize(("only", "status"), [("polls", 503), ("database,backlog", 200), ("", 503)])
async def test_some_conditions_can_be_asked_for_alone(only: str, status: int) -> None:
    async with visit(Bot(ills={"polls"})) as client:
        assert (await client.get("/readyz", params={"only": only})).status_code == status


async def test_a_condition_that_there_is_none_of_is_no_good_health() -> None:
    async with visit(Bot()) as client:
        answer = await client.get("/readyz", params={"only": "polls,weather"})

    assert answer.status_code == 400
    assert "only=weather: there are database, scheduler, polls" in answer.text


async def test_whoever_has_no_token_learns_a_word_and_no_figure() -> None:
    async with visit(Bot(ills={"polls"}), TOKEN) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")
        numbers = await client.get("/metrics")
        known = await client.get("/readyz", headers=BEARER)

    assert (alive.status_code, alive.text) == (200, "alive\n")
    assert (ready.status_code, ready.text) == (503, "not ready\n")
    assert (numbers.status_code, "newsbot_" in numbers.text) == (401, False)
    assert "FAIL polls     polls by its setting" in known.text


async def test_the_numbers_come_in_the_form_that_is_asked_for() -> None:
    bot = Bot()
    async with visit(bot, TOKEN) as client:
        answer = await client.get(
            "/metrics", headers=BEARER | {"Accept": "application/openmetrics-text"}
        )

    assert answer.text == "newsbot_polls_total 1\n"
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert bot.accepted == ["application/openmetrics-text"]
