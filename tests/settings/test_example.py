"""config/newsbot.example.toml, the code's defaults and the set of keys say the same."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

from bot.settings import Settings, load_settings

EXAMPLE = Path(__file__).parents[2] / "config" / "newsbot.example.toml"
SECTIONS = Settings.model_fields.keys() - {"config_dir", "settings_path", "warnings"}


def plain(value: object) -> object:
    """``value`` as TOML would write it."""
    if value is None:
        return ""  # a token that nobody set
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def defaults_in_code() -> dict[str, Any]:
    settings = Settings()
    return {
        section: {key: plain(value) for key, value in getattr(settings, section)}
        for section in SECTIONS
    }


def uncommented() -> str:
    """The example with every commented-out setting taken at its word."""
    return re.sub(r"^#(?=\w+ = )", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)


def test_the_example_names_every_key_with_its_default() -> None:
    assert tomllib.loads(uncommented()) == defaults_in_code()


def test_the_example_says_the_type_of_a_default_as_the_code_does() -> None:
    said = tomllib.loads(uncommented())

    for section, keys in defaults_in_code().items():
        for key, value in keys.items():
            assert type(said[section][key]) is type(value), f"{section}.{key}"


def test_every_key_is_explained_above_it() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    first_keys = [
        (before, line)
        for before, line in itertools.pairwise(lines)
        if re.match(r"#\w+ = ", line) and not re.match(r"#\w+ = ", before)
    ]

    assert first_keys
    for before, line in first_keys:
        assert before.startswith("# "), line


def test_the_example_as_it_is_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "newsbot.toml").write_text(EXAMPLE.read_text("utf-8"), "utf-8")

    loaded = load_settings(environ={}, config_dir=tmp_path)

    for section in SECTIONS - {"catalogue"}:
        assert getattr(loaded, section) == getattr(Settings(), section)
    assert loaded.catalogue.feeds == tmp_path / Settings().catalogue.feeds
