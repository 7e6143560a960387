"""The section slack: which settings belong together, and what is said of half of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsInvalid
from bot.settings import SlackSettings, load_settings

BOT, APP = "xoxb-invented-unseen", "xapp-invented-unseen"
SECRET, CLIENT_SECRET = "5ecret-invented-unseen", "c11ent-invented-unseen"
SOCKET = f'bot_token = "{BOT}"\napp_token = "{APP}"\n'
ONE_BY_HTTP = f'mode = "http"\nbot_token = "{BOT}"\nsigning_secret = "{SECRET}"\n'
MANY_BY_HTTP = (
    f'mode = "http"\nsigning_secret = "{SECRET}"\nclient_id = "12.34"\n'
    f'client_secret = "{CLIENT_SECRET}"\npublic_url = "https://news.example.org"\n'
)


def load(folder: Path, slack: str, **environ: str) -> SlackSettings:
    (folder / "newsbot.toml").write_text(f"[slack]\n{slack}", encoding="utf-8")
    return load_settings(environ=environ, config_dir=folder).slack


def problems(folder: Path, slack: str, **environ: str) -> list[str]:
    """What is wrong, line by line, with the folder cut from the file's path."""
    with pytest.raises(SettingsInvalid) as caught:
        load(folder, slack, **environ)
    told = str(caught.value)
    assert "unseen" not in told
    return told.replace(f"{folder}/", "").splitlines()


def test_with_nothing_set_slack_is_off() -> None:
    assert not SlackSettings().is_on
    assert not SlackSettings(listen="127.0.0.1:9", public_url="https://news.example.org").is_on


@pytest.mark.parametrize("whole", [SOCKET, ONE_BY_HTTP, MANY_BY_HTTP])
def test_a_whole_configuration_is_taken(tmp_path: Path, whole: str) -> None:
    slack = load(tmp_path, whole)

    assert slack.is_on
    assert all(getattr(slack, key) for key in slack.needed)


def test_credentials_may_be_spread_over_file_and_environment(tmp_path: Path) -> None:
    slack = load(
        tmp_path,
        'mode = "HTTP"\n',
        NEWSBOT_SLACK_BOT_TOKEN=BOT,
        NEWSBOT_SLACK_SIGNING_SECRET=SECRET,
    )

    assert (slack.mode, slack.needed) == ("http", ("bot_token", "signing_secret"))


@pytest.mark.parametrize(
    ("half", "told"),
    [
        (
            f'bot_token = "{BOT}"',
            "newsbot.toml:2: slack.bot_token needs slack.app_token too (slack.mode is socket)",
        ),
        (
            f'app_token = "{APP}"',
            "newsbot.toml:2: slack.app_token needs slack.bot_token too (slack.mode is socket)",
        ),
        (
            f'signing_secret = "{SECRET}"',
            (
                "newsbot.toml:2: slack.signing_secret needs slack.bot_token and slack.app_token "
                "too (slack.mode is socket)"
            ),
        ),
        (
            'client_id = "12.34"',
            (
                "newsbot.toml:2: slack.client_id needs slack.bot_token and slack.app_token "
                "too (slack.mode is socket)"
            ),
        ),
        (
            'mode = "http"',
            (
                "newsbot.toml:2: slack.mode needs slack.signing_secret, slack.client_id, "
                "slack.client_secret and slack.public_url too (slack.mode is http)"
            ),
        ),
        (
            f'mode = "http"\n{SOCKET}',
            (
                "newsbot.toml:3, newsbot.toml:4: slack.bot_token needs slack.signing_secret too "
                "(slack.mode is http)"
            ),
        ),
        (
            MANY_BY_HTTP.replace("client_secret", "#").replace("public_url", "#"),
            (
                "newsbot.toml:3, newsbot.toml:4: slack.signing_secret needs slack.client_secret "
                "and slack.public_url too (slack.mode is http)"
            ),
        ),
    ],
)
def test_half_a_configuration_is_refused_and_the_other_half_named(
    tmp_path: Path, half: str, told: str
) -> None:
    assert problems(tmp_path, half) == [told]


def test_half_a_configuration_of_the_environment_is_named_by_its_variable(tmp_path: Path) -> None:
    assert problems(tmp_path, "", NEWSBOT_SLACK_APP_TOKEN=APP) == [
        "NEWSBOT_SLACK_APP_TOKEN: slack.app_token needs slack.bot_token too (slack.mode is socket)"
    ]


def test_one_workspace_and_many_at_once_are_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, f'{MANY_BY_HTTP}bot_token = "{BOT}"') == [
        (
            "newsbot.toml:7, newsbot.toml:4: slack.bot_token is of one workspace, slack.client_id "
            "is for many that install the app; take one of them out"
        )
    ]


def test_swapped_tokens_are_told_apart(tmp_path: Path) -> None:
    assert problems(tmp_path, f'bot_token = "{APP}"\napp_token = "{BOT}"') == [
        (
            "newsbot.toml:2: slack.bot_token holds an app token (xapp-…), which belongs into "
            "slack.app_token"
        )
    ]


@pytest.mark.parametrize("listen", ["127.0.0.1:3000", "localhost:0", "0.0.0.0:80", "[::]:3000"])
def test_an_address_to_listen_at_is_taken(tmp_path: Path, listen: str) -> None:
    assert load(tmp_path, f'listen = "{listen}"').listen == listen


@pytest.mark.parametrize(
    "listen", ["3000", ":3000", "127.0.0.1", "news.example.org:80", "::1:3000", "127.0.0.1:65536"]
)
def test_what_is_no_address_to_listen_at_is_named(tmp_path: Path, listen: str) -> None:
    assert problems(tmp_path, f'listen = "{listen}"') == [
        (
            'newsbot.toml:2: slack.listen should be an address and a port, as in "127.0.0.1:3000" '
            f"or \"[::]:3000\"; got '{listen}'"
        )
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [("everyone", "everyone"), ("Admins", "admins"), (" creator ", "creator"), ("S0AB1", "S0AB1")],
)
def test_who_may_manage_is_a_word_or_a_user_group(tmp_path: Path, written: str, read: str) -> None:
    assert load(tmp_path, f'managers = "{written}"').managers == read


@pytest.mark.parametrize("written", ["owner", "s0ab1", "U0123ABCD", "", "@desk"])
def test_anybody_else_is_refused_with_the_words_there_are(tmp_path: Path, written: str) -> None:
    (told,) = problems(tmp_path, f'managers = "{written}"')

    assert told.startswith(
        'newsbot.toml:2: slack.managers should be "everyone", "admins", "creator", or the id of '
        "a user group"
    )


def test_the_public_address_speaks_https(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, MANY_BY_HTTP.replace("https://", "http://"))

    assert "newsbot.toml:6: slack.public_url" in told
    assert "https" in told


def test_a_mode_that_is_none_is_refused(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, 'mode = "https"')

    assert told.startswith("newsbot.toml:2: slack.mode should be 'socket' or 'http'")


def test_no_secret_is_shown_and_each_is_known_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "newsbot.toml").write_text(f'[slack]\n{MANY_BY_HTTP}app_token = "{APP}"\n')
    settings = load_settings(environ={}, config_dir=tmp_path)

    assert "unseen" not in repr(settings)
    assert {SECRET, CLIENT_SECRET, APP} <= set(settings.secret_values())
