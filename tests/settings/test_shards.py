"""Which shards of the bot a process has."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsInvalid
from bot.settings import load_settings


def load(folder: Path, text: str) -> tuple[int, tuple[int, ...]]:
    (folder / "newsbot.toml").write_text(f"[discord]\n{text}", encoding="utf-8")
    discord = load_settings(environ={}, config_dir=folder).discord
    return discord.shard_count, discord.shard_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, ())),
        ("shard_count = 4", (4, ())),
        ('shard_count = 8\nshards = "0-3"', (8, (0, 1, 2, 3))),
        ('shard_count = 8\nshards = " 7, 0-1 "', (8, (0, 1, 7))),
        ('shard_count = 1\nshards = "0"', (1, (0,))),
    ],
)
def test_shards_are_listed_as_numbers_and_ranges(
    tmp_path: Path, text: str, expected: tuple[int, tuple[int, ...]]
) -> None:
    assert load(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('shards = "0-3"', "needs discord.shard_count too, the same for all processes"),
        ('shard_count = 4\nshards = "2-4"', "should list numbers up to 3 (discord.shard_count"),
        ('shard_count = 4\nshards = "3-1"', "should run from the lower number to the higher"),
        ('shard_count = 4\nshards = "all"', 'should list numbers and ranges, as in "0-3,8"'),
        ('shard_count = 4\nshards = "0-2,1"', "should list no number twice"),
        ("shard_count = -1", "discord.shard_count"),
    ],
)
def test_shards_that_cannot_be_are_refused_with_what_to_write(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, text)

    assert said in str(caught.value)
