"""The loopback Discord refuses commands that Discord refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers.discord import DiscordServer
from tests.servers.test_discord_messages import ask


def command(**changes: Any) -> dict[str, Any]:
    return {"name": "news", "description": "Show news", "type": 1} | changes


def option(name: str = "company", **changes: Any) -> dict[str, Any]:
    return {"type": 3, "name": name, "description": "Which"} | changes


CHOICES = [{"name": f"c{i}", "value": f"v{i}"} for i in range(26)]
WORDY = [{"name": f"n{i}" + "x" * 90, "value": "y" * 90} for i in range(25)]
LONG = [option(f"o{i}", choices=WORDY) for i in range(2)]


async def put(server: DiscordServer, *commands: dict[str, Any]) -> Any:
    return await ask(server, "PUT", f"/applications/{server.application_id}/commands", commands)


@pytest.mark.parametrize(
    "refused",
    [
        command(name="News"),
        command(name="two words"),
        command(name="x" * 33),
        command(description=""),
        command(description="x" * 101),
        command(name_localizations={"zh": "xinwen"}),
        command(name_localizations={"zh-CN": "新 闻"}),
        command(options=[option(f"o{i}") for i in range(26)]),
        command(options=[option("a"), option("b", required=True)]),
        command(options=[option(), option()]),
        command(options=[option(choices=CHOICES)]),
        command(options=[option(choices=CHOICES[:2], autocomplete=True)]),
        command(options=[option(), option("sub", type=1)]),
        command(options=LONG),
    ],
)
@pytest.mark.parametrize("is_checked", [True, False])
async def test_command_beyond_a_rule_is_refused(
    refused: dict[str, Any], *, is_checked: bool
) -> None:
    async with DiscordServer(is_checked=is_checked) as server:
        status, answer = await put(server, command(name="fine"), refused)

        assert (status, answer["code"]) == (400, 50035), answer
        assert list(answer["errors"]) == ["1"]
        assert server.commands == {}


async def test_command_that_keeps_its_name_keeps_its_id() -> None:
    async with DiscordServer() as server:
        chinese = {"zh-CN": "新闻"}
        _, first = await put(server, command(name_localizations=chinese), command(name="feeds"))
        status, second = await put(server, command(options=[option(required=True), option("b")]))

        assert (status, second[0]["id"]) == (200, first[0]["id"])
        assert [each["name"] for each in server.commands.values()] == ["news"]
        assert len(server.syncs) == 2
