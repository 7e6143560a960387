"""docs/slack.md says what the program does."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands.command import Command
from bot.commands.table import TABLE
from bot.platforms.slack.manifest import load_manifest

MANUAL = (Path(__file__).resolve().parents[3] / "docs" / "slack.md").read_text(encoding="utf-8")


def test_the_manual_has_every_command() -> None:
    assert [one for one in TABLE if f"`/{one.noun} {one.verb}`" not in MANUAL] == []


@pytest.mark.parametrize("command", TABLE, ids=lambda one: f"{one.noun} {one.verb}")
def test_the_manual_has_every_option(command: Command) -> None:
    missing = [
        one.name
        for one in command.options
        if f"`{one.name}`" not in MANUAL and f"{one.name}:" not in MANUAL
    ]

    assert missing == []


def test_the_manual_has_every_setting_of_who_manages() -> None:
    for rule in ("everyone", "admins", "creator"):
        assert f"`{rule}`" in MANUAL


def test_the_manifest_has_every_command_that_the_manual_names() -> None:
    declared = set(load_manifest().commands)

    assert declared == {f"/{one.noun}" for one in TABLE}
