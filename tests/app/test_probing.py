"""What a process answers to probes, by its roles."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from rich.console import Console

from bot.app import open_bot
from bot.settings import (
    CatalogueSettings,
    DatabaseSettings,
    Settings,
    SlackSettings,
    StatusSettings,
    parse_roles,
)
from tests.conftest import ROOT
from tests.servers.postgres import PostgresServer
from tests.servers.slack import SlackServer


@asynccontextmanager
async def opened(
    postgres: PostgresServer, folder: Path, roles: str, *, slack: SlackSettings | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A process with ``roles``, and somebody who asks it."""
    (folder / "feeds.txt").write_text("https://wire.example/rss")
    with postgres.fresh_database() as url:
        settings = Settings(
            config_dir=ROOT / "config",
            catalogue=CatalogueSettings(feeds=folder / "feeds.txt"),
            database=DatabaseSettings(url=url),
            status=StatusSettings(listen="127.0.0.1:0"),
            slack=slack or SlackSettings(),
        )
        chosen = parse_roles(roles.split(","))
        async with (
            open_bot(settings, console=Console(file=io.StringIO()), roles=chosen) as bot,
            httpx.AsyncClient(base_url=bot.page, trust_env=False) as client,
        ):
            yield client


@pytest.mark.parametrize(("roles", "is_told"), [("deliver,web", False), ("gateway,web", True)])
async def test_only_who_answers_people_tells_whether_they_are_heard(
    postgres: PostgresServer, tmp_path: Path, roles: str, *, is_told: bool
) -> None:
    async with SlackServer() as slack:
        given = SlackSettings(
            bot_token=SecretStr(slack.bot_token),
            app_token=SecretStr(slack.app_token),
            api_base=slack.api_base,
        )
        async with opened(postgres, tmp_path, roles, slack=given) as client:
            ready = (await client.get("/readyz")).text
            numbers = (await client.get("/metrics")).text

    assert ("gateway" in ready) is is_told
    assert ('newsbot_gateway_connected{platform="slack"}' in numbers) is is_told


@pytest.mark.parametrize(("roles", "page"), [("poll", 404), ("poll,web", 200)])
async def test_every_role_answers_machines_and_web_shows_the_pages(
    postgres: PostgresServer, tmp_path: Path, roles: str, page: int
) -> None:
    async with opened(postgres, tmp_path, roles) as client:
        answers = {
            path: (await client.get(path)).status_code
            for path in ("/healthz", "/readyz?only=database", "/metrics", "/feeds", "/feed.atom")
        }

    assert answers == {
        "/healthz": 200,
        "/readyz?only=database": 200,
        "/metrics": 200,
        "/feeds": page,
        "/feed.atom": page,
    }
