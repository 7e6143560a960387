"""The section status: what may be open to whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsInvalid
from bot.settings import StatusSettings, load_settings

TOKEN = "invented-unseen-token"


def load(folder: Path, status: str, **environ: str) -> StatusSettings:
    (folder / "newsbot.toml").write_text(f"[status]\n{status}", encoding="utf-8")
    return load_settings(environ=environ, config_dir=folder).status


def problem(folder: Path, status: str, **environ: str) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        load(folder, status, **environ)
    told = str(caught.value)
    assert "unseen" not in told
    return told.replace(f"{folder}/", "")


def test_with_nothing_set_there_is_no_page() -> None:
    assert not StatusSettings().is_on


@pytest.mark.parametrize("written", ['"8090"', "8090", '" 8090 "'])
def test_a_bare_port_is_one_of_this_machine(tmp_path: Path, written: str) -> None:
    status = load(tmp_path, f"listen = {written}\n")

    assert (status.is_on, status.listen, status.host) == (True, "127.0.0.1:8090", "127.0.0.1")


def test_a_bare_port_may_come_from_the_environment(tmp_path: Path) -> None:
    assert load(tmp_path, "", NEWSBOT_STATUS_LISTEN="8090").listen == "127.0.0.1:8090"


@pytest.mark.parametrize("listen", ["0.0.0.0:8090", "[::]:8090", "192.0.2.7:8090"])
def test_what_others_reach_needs_a_token(tmp_path: Path, listen: str) -> None:
    said = problem(tmp_path, f'listen = "{listen}"\n')

    assert said == (
        f"newsbot.toml:2: status.listen needs status.token too, as other machines reach {listen}; "
        "`openssl rand -hex 20` makes one"
    )
    assert load(tmp_path, f'listen = "{listen}"\ntoken = "{TOKEN}"\n').is_on


def test_a_page_behind_a_proxy_needs_a_token_too(tmp_path: Path) -> None:
    behind = 'listen = "8090"\npublic_url = "https://news.example.org"\n'

    assert problem(tmp_path, behind).startswith(
        "newsbot.toml:3: status.public_url needs status.token too, as others reach that address"
    )
    assert load(tmp_path, behind, NEWSBOT_STATUS_TOKEN=TOKEN).is_on


@pytest.mark.parametrize("listen", ["8090", "[::1]:8090", "localhost:8090", "127.0.0.2:1"])
def test_this_machine_alone_needs_none(tmp_path: Path, listen: str) -> None:
    assert load(tmp_path, f'listen = "{listen}"\n').token is None


def test_a_token_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    said = problem(tmp_path, 'token = "unseen"\n')

    assert said == (
        "newsbot.toml:2: status.token should be 16 characters or more, so that nobody guesses "
        "it; `openssl rand -hex 20` makes one"
    )


@pytest.mark.parametrize("listen", ["true", '"example.org:80"', '"70000"', "-1"])
def test_what_is_no_address_is_named(tmp_path: Path, listen: str) -> None:
    assert "newsbot.toml:2: status.listen should be" in problem(tmp_path, f"listen = {listen}\n")


def test_the_token_is_masked_in_the_log(tmp_path: Path) -> None:
    (tmp_path / "newsbot.toml").write_text(f'[status]\ntoken = "{TOKEN}"\n', encoding="utf-8")

    assert TOKEN in load_settings(environ={}, config_dir=tmp_path).secret_values()
