from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsInvalid
from bot.fetching import parse_allowed
from bot.settings import Settings, find_config_dir, load_settings

TOKEN = "MTA5NzY.GhTqLx.invented-token-that-must-stay-unseen"  # invented, shaped like one
PASSWORD = "p%40ss-unseen"


def load(tmp_path: Path, text: str = "", **environ: str) -> Settings:
    (tmp_path / "newsbot.toml").write_text(text, encoding="utf-8")
    return load_settings(environ=environ, config_dir=tmp_path)


def problems(tmp_path: Path, text: str = "", **environ: str) -> list[str]:
    """What is wrong, line by line, with the folder cut from the file's path."""
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, text, **environ)
    return str(caught.value).replace(f"{tmp_path}/", "").splitlines()


def test_without_file_and_environment_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings(environ={}, config_dir=tmp_path)

    assert settings.fetch.deadline_s == 30.0
    assert settings.database.url == "sqlite:///newsbot.sqlite3"
    assert settings.warnings == ()
    assert settings.discord.token is None


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    (tmp_path / "newsbot.toml").write_text(
        '[fetch]\nmax_bytes = 1000\ndeadline_s = 5\n[database]\nurl = "sqlite:///file.db"'
    )
    settings = load_settings(
        environ={"NEWSBOT_FETCH_MAX_BYTES": "2000", "NEWSBOT_DATABASE_URL": "sqlite:///env.db"},
        config_dir=tmp_path,
        database_url="sqlite:///line.db",
        feeds=Path("line.opml"),
    )

    assert (settings.fetch.max_bytes, settings.fetch.deadline_s) == (2000, 5.0)
    assert settings.database.url == "sqlite:///line.db"
    assert settings.feeds_path == Path("line.opml")


def test_the_processes_own_environment_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBOT_FETCH_MAX_BYTES", "77")

    assert load(tmp_path).fetch.max_bytes == 10_485_760


def test_an_empty_variable_sets_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "[fetch]\nmax_bytes = 5", NEWSBOT_FETCH_MAX_BYTES="").fetch.max_bytes == 5


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load(tmp_path)

    with pytest.raises(ValueError, match="frozen"):
        settings.fetch.max_bytes = 1


@pytest.mark.parametrize(
    "written",
    ["10.0.0.0/8,127.0.0.1:8080", "10.0.0.0/8  127.0.0.1:8080", '["10.0.0.0/8", "127.0.0.1:8080"]'],
)
def test_a_list_in_the_environment_has_three_forms(tmp_path: Path, written: str) -> None:
    settings = load(tmp_path, NEWSBOT_FETCH_ALLOW_ADDRESSES=written)

    assert settings.fetch.allow_addresses == ("10.0.0.0/8", "127.0.0.1:8080")


@pytest.mark.parametrize(
    "good",
    ["127.0.0.1", "::1", "fd00::/8", "10.0.0.0/8:80", "[::1]:8080", "[fd00::]/8:443", "[::1]"],
)
def test_an_address_that_settings_let_pass_is_one_to_the_guard(tmp_path: Path, good: str) -> None:
    (allowed,) = load(tmp_path, NEWSBOT_FETCH_ALLOW_ADDRESSES=good).fetch.allow_addresses

    assert allowed == good
    assert parse_allowed(allowed).network.num_addresses >= 1


@pytest.mark.parametrize(
    "bad", ["localhost", "10.0.0.0/33", "10.0.0.1/8", "127.0.0.1:", "127.0.0.1:0", "[::1]:x"]
)
def test_what_is_no_address_is_named(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ValueError, match=r"no address or network|a port is a number"):
        parse_allowed(bad)
    (line,) = problems(tmp_path, f'[fetch]\nallow_addresses = [\n  "127.0.0.1",\n  "{bad}",\n]')

    assert line.startswith("newsbot.toml:2: fetch.allow_addresses should list addresses such as")


def test_a_wrong_key_is_named_with_its_line_and_the_nearest_key(tmp_path: Path) -> None:
    text = '# fetch.deadline\n[log]\nlevel = "info"\n\n[fetch]\n# deadline = 1\ndeadline = 5\n'

    assert problems(tmp_path, text) == [
        "newsbot.toml:7: fetch.deadline is no setting; did you mean fetch.deadline_s?"
    ]


def test_a_key_is_not_mistaken_for_a_line_of_a_string(tmp_path: Path) -> None:
    text = '[log]\nlevel = """\\\ndeadline = 1\n"""\n[fetch]\ndeadline = 1'

    assert problems(tmp_path, text)[0].startswith("newsbot.toml:6: fetch.deadline is no setting")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "deadline_s = 3",
            "newsbot.toml:1: deadline_s is no setting; did you mean fetch.deadline_s?",
        ),
        ("[fetching]", "newsbot.toml:1: fetching is no setting; did you mean fetch?"),
        (
            "[fetching]\nmax_bytes = 1",
            "newsbot.toml:2: fetching.max_bytes is no setting; did you mean fetch.max_bytes?",
        ),
        (
            '[discord]\nbot_token = "x"',
            "newsbot.toml:2: discord.bot_token is no setting; did you mean discord.token?",
        ),
        ("fetch = 3", "newsbot.toml:1: fetch is no setting; it is a section: [fetch]"),
        ("config_dir = 'x'", "newsbot.toml:1: config_dir is no setting"),
        ("log.colour_of_night = 1", "newsbot.toml:1: log.colour_of_night is no setting"),
    ],
)
def test_wrong_keys_of_every_kind_are_named(tmp_path: Path, text: str, line: str) -> None:
    assert problems(tmp_path, text) == [line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[fetch]\nmax_bytes = 'ten'", "2: fetch.max_bytes should be a valid integer; got 'ten'"),
        ("[fetch]\nmax_bytes = true", "2: fetch.max_bytes should be a number; got True"),
        ("poll.min_interval_s = 'x'", "1: poll.min_interval_s should be a valid number; got 'x'"),
        ("fetch.deadline_s = 0", "1: fetch.deadline_s should be greater than 0; got 0"),
        ("fetch.deadline_s = inf", "1: fetch.deadline_s should be a finite number; got inf"),
        ("fetch.allow_addresses = 3", "1: fetch.allow_addresses should be a list; got 3"),
        (
            "log.level = 'loud'",
            "1: log.level should be 'debug', 'info', 'warning' or 'error'; got 'loud'",
        ),
        (
            "database.url = 'mysql://h/x'",
            '1: database.url should begin with "sqlite://" or "postgresql://"',
        ),
        (
            "[poll]\nmin_interval_s = 900\nmax_interval_s = 300",
            "2, newsbot.toml:3: poll.min_interval_s (900) is above max_interval_s (300)",
        ),
        (
            "[poll]\nseen_days = 1\nunconditional_after_s = 43201",
            (
                "3, newsbot.toml:2: poll.unconditional_after_s (43201) is above half of "
                "seen_days (1); entries would be forgotten while their feed lists them"
            ),
        ),
    ],
)
def test_wrong_values_are_named(tmp_path: Path, text: str, line: str) -> None:
    assert problems(tmp_path, text) == [f"newsbot.toml:{line}"]


def test_a_wrong_value_of_the_environment_names_its_variable(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "[fetch]\nmax_bytes = 5", NEWSBOT_FETCH_MAX_BYTES="ten")

    assert line == "NEWSBOT_FETCH_MAX_BYTES: fetch.max_bytes should be a valid integer; got 'ten'"


def test_a_wrong_value_of_the_command_line_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"^--database: database\.url should begin"):
        load_settings(environ={}, config_dir=tmp_path, database_url="mysql://h/x")


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        "[fetch]\ndeadline = 1\nmax_bytes = 'x'\n[log]\nlevel = 'loud'\n",
        NEWSBOT_PARSE_WORKERS="none",
    )

    assert [line.partition(": ")[0] for line in told] == [
        "newsbot.toml:2",
        "newsbot.toml:3",
        "NEWSBOT_PARSE_WORKERS",
        "newsbot.toml:5",
    ]


def test_broken_toml_is_told_with_its_line_beside_a_wrong_variable(tmp_path: Path) -> None:
    told = problems(tmp_path, '[fetch]\nmax_bytes = "5\n', NEWSBOT_PARSE_WORKERS="0")

    assert told[0].startswith("newsbot.toml:2: no TOML: ")
    assert told[1].startswith("NEWSBOT_PARSE_WORKERS: parse.workers should be greater than")


def test_a_file_that_ends_too_early_is_told_with_its_last_line(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "[fetch]\nallow_addresses = [\n")

    assert line.startswith("newsbot.toml:")
    assert "no TOML" in line


def test_a_file_with_byte_order_mark_and_windows_lines_is_read(tmp_path: Path) -> None:
    (tmp_path / "newsbot.toml").write_bytes(b"\xef\xbb\xbf[fetch]\r\nmax_bytes = 7\r\nnope = 1\r\n")

    with pytest.raises(SettingsInvalid, match=r":3: fetch\.nope is no setting"):
        load_settings(environ={}, config_dir=tmp_path)


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "newsbot.toml").write_bytes(b"[log]\n# Gr\xfc\xdfe\n")

    with pytest.raises(SettingsInvalid, match=r":2: not UTF-8"):
        load_settings(environ={}, config_dir=tmp_path)


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "newsbot.toml").mkdir()

    with pytest.raises(SettingsInvalid, match=r"newsbot\.toml: cannot be read"):
        load_settings(environ={}, config_dir=tmp_path)


def test_a_variable_that_sets_nothing_is_a_warning_with_the_nearest_name(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        NEWSBOT_DISCORD_TOKN=TOKEN,
        NEWSBOT_FETCH='{"max_bytes": 3}',
        NEWSBOT_CONFIG_DIR=str(tmp_path),
        NEWSBOT_SHARED="elsewhere",
        HOME="/root",
    )

    assert settings.warnings == (
        "NEWSBOT_DISCORD_TOKN is no setting and is ignored; did you mean NEWSBOT_DISCORD_TOKEN?",
        "NEWSBOT_FETCH is no setting and is ignored; did you mean NEWSBOT_FETCH_MAX_BYTES?",
    )
    assert settings.fetch.max_bytes == 10_485_760


@pytest.mark.parametrize("trial", [{"max": "2"}, {"min": "1", "max": "2"}, {"min": "0.5"}])
def test_seconds_are_enough_between_polls_on_loopback(
    tmp_path: Path, trial: dict[str, str]
) -> None:
    environ = {f"NEWSBOT_POLL_{bound.upper()}_INTERVAL_S": s for bound, s in trial.items()}
    poll = load(tmp_path, **environ).poll

    assert poll.min_interval_s <= poll.default_interval_s <= poll.max_interval_s
    assert poll.max_interval_s == float(trial.get("max", "86400"))


def test_a_usual_interval_that_somebody_set_outside_the_bounds_is_refused(tmp_path: Path) -> None:
    (line,) = problems(
        tmp_path, "[poll]\ndefault_interval_s = 60", NEWSBOT_POLL_MIN_INTERVAL_S="100"
    )

    assert line == (
        "NEWSBOT_POLL_MIN_INTERVAL_S, newsbot.toml:2:"
        " poll.min_interval_s (100) is above default_interval_s (60)"
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8801", "127.9.9.9", "[::1]:8801"])
def test_plain_bases_are_taken_on_loopback(tmp_path: Path, host: str) -> None:
    settings = load(
        tmp_path,
        NEWSBOT_DISCORD_API_BASE=f"http://{host}/api/v10/",
        NEWSBOT_DISCORD_GATEWAY_URL=f"ws://{host}/gateway",
        NEWSBOT_SLACK_API_BASE=f"http://{host}/api",
    )

    assert settings.discord.api_base == f"http://{host}/api/v10"
    assert settings.discord.gateway_url == f"ws://{host}/gateway"
    assert settings.slack.api_base == f"http://{host}/api/"


@pytest.mark.parametrize(
    "base",
    [
        "http://discord.example/api",
        "http://127.0.0.1.example/api",
        "http://127.0.0.1@discord.example/api",
        "http://127.0.0.1\\@discord.example/api",
        "http://localhost.example/api",
        "http://0.0.0.0/api",
        "ftp://127.0.0.1/api",
        "https:///api",
        "https://discord.example/api?x=1",
        "discord.example",
    ],
)
def test_bases_that_could_carry_a_token_elsewhere_are_refused(tmp_path: Path, base: str) -> None:
    (line,) = problems(tmp_path, NEWSBOT_DISCORD_API_BASE=base)

    assert line.startswith("NEWSBOT_DISCORD_API_BASE: discord.api_base should ")


def test_encrypted_bases_may_be_anywhere(tmp_path: Path) -> None:
    base = "https://proxy.example/discord"

    assert load(tmp_path, NEWSBOT_DISCORD_API_BASE=base).discord.api_base == base


def test_no_secret_is_in_a_repr(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        NEWSBOT_DISCORD_TOKEN=TOKEN,
        NEWSBOT_SLACK_BOT_TOKEN="xoxb-unseen",
        NEWSBOT_SLACK_APP_TOKEN="xapp-unseen",
        NEWSBOT_SUMMARIES_ENDPOINT_URL="https://api.example/v1",
        NEWSBOT_SUMMARIES_ENDPOINT_MODEL="tiny-1",
        NEWSBOT_SUMMARIES_ENDPOINT_KEY="sk-unseen",
        NEWSBOT_DATABASE_URL=f"postgresql://news:{PASSWORD}@db.example/news",
    )

    assert settings.discord.token is not None
    assert settings.discord.token.get_secret_value() == TOKEN
    assert not any("unseen" in text for text in (repr(settings), str(settings), f"{settings}"))
    assert settings.secret_values() == (
        TOKEN,
        "xoxb-unseen",
        "xapp-unseen",
        "sk-unseen",
        PASSWORD,
        "p@ss-unseen",
    )


@pytest.mark.parametrize(
    "environ",
    [
        {"NEWSBOT_DISCORD_TOKEN": "two words-unseen"},
        {"NEWSBOT_SLACK_BOT_TOKEN": "xapp-1-unseen"},
        {"NEWSBOT_SLACK_APP_TOKEN": "xoxb-1-unseen"},
        {"NEWSBOT_SUMMARIES_ENDPOINT_KEY": "two words-unseen"},
        {"NEWSBOT_SUMMARIES_ENDPOINT_KEY": "sk-unseen-without-an-endpoint"},
        {"NEWSBOT_SUMMARIES_ENDPOINT_URL": "https://u:unseen@api.example/v1"},
        {"NEWSBOT_DATABASE_URL": "mysql://u:unseen@h/x"},
        {"NEWSBOT_DISCORD_API_BASE": "http://u:unseen@h.example/"},
        {"NEWSBOT_FETCH_MAX_BYTES": "xoxb-1-unseen"},
        {"NEWSBOT_FETCH_MAX_BYTES": f"{TOKEN}"},
    ],
)
def test_no_secret_is_in_an_error(tmp_path: Path, environ: dict[str, str]) -> None:
    (line,) = problems(tmp_path, **environ)

    assert line.startswith(next(iter(environ)))
    assert "unseen" not in line


def test_no_secret_is_in_what_led_to_an_error(tmp_path: Path) -> None:
    (tmp_path / "newsbot.toml").write_text('[discord]\ntoken = "unseen and more"\nx = 1')

    with pytest.raises(SettingsInvalid) as caught:
        load_settings(environ={}, config_dir=tmp_path)

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_pasted_spaces_around_a_token_are_cut(tmp_path: Path) -> None:
    token = load(tmp_path, NEWSBOT_DISCORD_TOKEN=f" {TOKEN}\n").discord.token

    assert token is not None
    assert token.get_secret_value() == TOKEN


@pytest.mark.parametrize("contact", ["https://news.example/bot", "mailto:op@news.example", ""])
def test_the_user_agent_names_whom_to_reach(tmp_path: Path, contact: str) -> None:
    agent = load(tmp_path, NEWSBOT_FETCH_CONTACT_URL=contact).user_agent

    assert agent.startswith("newsbot/")
    assert agent.endswith(f"(news alerts; +{contact})" if contact else "(news alerts)")


@pytest.mark.parametrize(
    "contact", ["news.example", "https://x.example/\r\nX: y", "https://é.example"]
)
def test_a_contact_that_would_break_the_header_is_refused(tmp_path: Path, contact: str) -> None:
    (line,) = problems(tmp_path, NEWSBOT_FETCH_CONTACT_URL=contact)

    assert line.startswith("NEWSBOT_FETCH_CONTACT_URL: fetch.contact_url should be")


def test_a_feed_list_in_the_file_counts_from_its_folder(tmp_path: Path) -> None:
    assert load(tmp_path).catalogue.feeds == tmp_path / "feeds.toml"
    assert load(tmp_path, "catalogue.feeds = 'my.opml'").catalogue.feeds == tmp_path / "my.opml"
    assert load(tmp_path, NEWSBOT_CATALOGUE_FEEDS="my.opml").catalogue.feeds == Path("my.opml")


def test_a_named_config_folder_wins(tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.mkdir()
    (named / "newsbot.toml").write_text("fetch.max_bytes = 9")

    assert find_config_dir({"NEWSBOT_CONFIG_DIR": "named"}, tmp_path) == named
    settings = load_settings(environ={"NEWSBOT_CONFIG_DIR": str(named)})
    assert (settings.config_dir, settings.fetch.max_bytes) == (named, 9)


def test_a_config_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"NEWSBOT_CONFIG_DIR: .*gone is no folder"):
        find_config_dir({"NEWSBOT_CONFIG_DIR": "gone"}, tmp_path)
    with pytest.raises(SettingsInvalid, match=r"--config: .*gone is no folder"):
        load_settings(environ={}, config_dir=tmp_path / "gone")


def test_the_folder_at_hand_is_taken_if_it_holds_a_catalogue(tmp_path: Path) -> None:
    shipped = find_config_dir({}, tmp_path)
    (tmp_path / "config").mkdir()
    assert find_config_dir({}, tmp_path) == shipped

    (tmp_path / "config" / "makers.toml").touch()
    assert find_config_dir({}, tmp_path) == tmp_path / "config"


def test_a_settings_file_without_a_catalogue_beside_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "newsbot.toml").write_text("fetch.max_bytes = 9\n")
    monkeypatch.chdir(tmp_path)
    settings = load_settings(environ={})

    assert settings.fetch.max_bytes == 9
    assert settings.config_dir == find_config_dir({}, tmp_path)
    assert settings.catalogue.feeds == settings.config_dir / "feeds.toml"

    (tmp_path / "config" / "feeds.toml").touch()
    assert load_settings(environ={}).catalogue.feeds == Path("config/feeds.toml")
