"""Secrets in files: named one by one, or gathered in a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.errors import SettingsInvalid
from bot.settings import Settings, load_settings

TOKEN = "MTA5NzY.GhTqLx.invented-token-that-must-stay-unseen"  # invented, shaped like one


def load(tmp_path: Path, text: str = "", **environ: str) -> Settings:
    file = tmp_path / "newsbot.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return load_settings(environ=environ, config_dir=tmp_path)


def problems(tmp_path: Path, text: str = "", **environ: str) -> list[str]:
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, text, **environ)
    assert TOKEN not in str(caught.value)
    return str(caught.value).replace(f"{tmp_path}/", "").splitlines()


def put(path: Path, text: str = TOKEN + "\n", mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def token_of(settings: Settings) -> str:
    assert settings.discord.token is not None
    return settings.discord.token.get_secret_value()


def test_a_variable_may_name_the_file_that_has_the_secret(tmp_path: Path) -> None:
    file = put(tmp_path / "token")

    settings = load(tmp_path, NEWSBOT_DISCORD_TOKEN_FILE=str(file))

    assert token_of(settings) == TOKEN
    assert settings.warnings == ()
    assert TOKEN in settings.secret_values()


def test_the_address_of_the_database_may_stand_in_a_file_too(tmp_path: Path) -> None:
    file = put(tmp_path / "url", "postgresql://newsbot:invented@db.example/newsbot\n")

    settings = load(tmp_path, NEWSBOT_DATABASE_URL_FILE=str(file))

    assert settings.database.url == "postgresql://newsbot:invented@db.example/newsbot"


@pytest.mark.parametrize("variable", ["NEWSBOT_SECRETS_DIR", "CREDENTIALS_DIRECTORY"])
def test_a_folder_holds_secrets_by_the_names_of_their_variables(
    tmp_path: Path, variable: str
) -> None:
    put(tmp_path / "secrets" / "newsbot_discord_token", mode=0o444)  # as containers have them
    put(tmp_path / "secrets" / "somebody_elses")

    settings = load(tmp_path, **{variable: str(tmp_path / "secrets")})

    assert token_of(settings) == TOKEN
    assert settings.warnings == ()


def test_a_variable_wins_over_the_folder_and_the_folder_over_the_settings_file(
    tmp_path: Path,
) -> None:
    put(tmp_path / "secrets" / "newsbot_discord_token", "of-the-folder")
    folder = {"NEWSBOT_SECRETS_DIR": str(tmp_path / "secrets")}
    text = '[discord]\ntoken = "of-the-file"'
    named = put(tmp_path / "token", "of-the-named-file")

    assert token_of(load(tmp_path, text)) == "of-the-file"
    assert token_of(load(tmp_path, text, **folder)) == "of-the-folder"
    assert token_of(load(tmp_path, text, **folder, NEWSBOT_DISCORD_TOKEN="own")) == "own"
    variable = {"NEWSBOT_DISCORD_TOKEN_FILE": str(named)}
    assert token_of(load(tmp_path, text, **folder, **variable)) == "of-the-named-file"


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    file = put(tmp_path / "token")

    assert problems(
        tmp_path, NEWSBOT_DISCORD_TOKEN="another", NEWSBOT_DISCORD_TOKEN_FILE=str(file)
    ) == ["NEWSBOT_DISCORD_TOKEN and NEWSBOT_DISCORD_TOKEN_FILE are both set; take one of them out"]


def test_a_file_that_is_not_there_is_named_with_its_variable(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, NEWSBOT_DISCORD_TOKEN_FILE=str(tmp_path / "token"))

    assert line == (
        "NEWSBOT_DISCORD_TOKEN_FILE: token is not there; write the secret into it, "
        "or take the variable out"
    )


def test_a_file_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    file = put(tmp_path / "token", mode=0o644)

    (line,) = problems(tmp_path, NEWSBOT_DISCORD_TOKEN_FILE=str(file))

    assert line == (
        "NEWSBOT_DISCORD_TOKEN_FILE: token may be read by every user of this machine; "
        "chmod o-r token"
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"  \n", "is empty; write the secret into it"),
        (b"\xff\xfe\x00", "is no text; it should hold the secret and nothing else"),
        (b"x" * 70_000, "is too long for a secret; it should hold nothing else"),
    ],
)
def test_a_file_without_a_secret_says_so(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    file.chmod(0o600)

    assert problems(tmp_path, NEWSBOT_DISCORD_TOKEN_FILE=str(file)) == [
        f"NEWSBOT_DISCORD_TOKEN_FILE: token {told}"
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_we_may_not_read_says_so(tmp_path: Path) -> None:
    file = put(tmp_path / "token", mode=0o000)

    (line,) = problems(tmp_path, NEWSBOT_DISCORD_TOKEN_FILE=str(file))
    assert "cannot be read: Permission denied" in line


def test_what_a_file_holds_is_checked_like_what_a_variable_holds(tmp_path: Path) -> None:
    file = put(tmp_path / "token", "two words")

    (line,) = problems(tmp_path, NEWSBOT_DISCORD_TOKEN_FILE=str(file))

    assert line == (
        "NEWSBOT_DISCORD_TOKEN_FILE: token: discord.token should be one word of plain letters, "
        "digits and signs"
    )


def test_a_folder_that_is_not_there_is_a_warning_but_for_that_of_containers(
    tmp_path: Path,
) -> None:
    gone = tmp_path / "gone"

    assert load(tmp_path, NEWSBOT_SECRETS_DIR=str(gone)).warnings == (
        f"NEWSBOT_SECRETS_DIR: there is no folder {gone}, so no secret is read from it",
    )
    if not Path("/run/secrets").exists():
        assert load(tmp_path, NEWSBOT_SECRETS_DIR="/run/secrets").warnings == ()


def test_a_slip_in_the_name_of_a_secret_is_a_warning(tmp_path: Path) -> None:
    path = put(tmp_path / "secrets" / "newsbot_discord_tokn")

    assert load(tmp_path, NEWSBOT_SECRETS_DIR=str(path.parent)).warnings == (
        f"{path} is no secret of newsbot and is ignored; did you mean newsbot_discord_token?",
    )


def test_only_secrets_have_files(tmp_path: Path) -> None:
    (warning,) = load(tmp_path, NEWSBOT_FETCH_MAX_BYTES_FILE="/etc/number").warnings

    assert warning.startswith("NEWSBOT_FETCH_MAX_BYTES_FILE is no setting and is ignored")


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        (f'[discord]\ntoken = "{TOKEN}"', True),
        ('[database]\nurl = "postgresql://newsbot:invented@db.example/newsbot"', True),
        ('[database]\nurl = "sqlite:///news.sqlite3"', False),
        ('[log]\nlevel = "debug"', False),
    ],
)
def test_a_settings_file_with_a_secret_that_everybody_may_read_is_a_warning(
    tmp_path: Path, text: str, is_told: bool
) -> None:
    file = put(tmp_path / "newsbot.toml", text, mode=0o644)

    told = (
        f"{file}:2: there is a secret in this file, which may be read by every user of this "
        f"machine; chmod o-r {file}"
    )
    warnings = load_settings(environ={}, config_dir=tmp_path).warnings
    assert warnings == ((told,) if is_told else ())


@pytest.mark.parametrize(
    "secret", [f"xoxb-{'invented' * 6}", "postgresql://bot:hush@db/news", "n" * 300]
)
def test_a_secret_where_a_file_should_be_named_is_not_repeated(tmp_path: Path, secret: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load(tmp_path, NEWSBOT_DATABASE_URL_FILE=secret)

    assert secret not in str(refused.value)
    assert "NEWSBOT_DATABASE_URL_FILE: what it names " in str(refused.value)
