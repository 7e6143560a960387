"""The manifest against the table of commands, the listeners, and what is asked of the Web API."""

from __future__ import annotations

import re
import tomllib
from itertools import groupby
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import bot.platforms.slack
from bot.commands.table import TABLE
from bot.errors import InputInvalid
from bot.platforms.slack.events import NAMES
from bot.platforms.slack.manifest import load_manifest, make_http_manifest
from tests.servers.slack import BOT_SCOPES
from tests.servers.slack.calls import METHODS

ROOM = Path(bot.platforms.slack.__file__).parent
ROOT = Path(__file__).resolve().parents[3]
CALLED = re.compile(r"\bclient\.([a-z]+_[A-Za-z0-9_]+)\(")

READ = {"channels:read", "groups:read", "im:read"}
HISTORY = {"channels:history", "groups:history", "im:history"}
SCOPES: dict[str, set[str]] = {
    "apps_connections_open": set(),  # of the app-level token
    "auth_teams_list": set(),
    "auth_test": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": HISTORY,
    "conversations_info": READ,
    "conversations_join": {"channels:join"},
    "conversations_list": {"channels:read"},
    "conversations_open": {"im:write"},
    "conversations_replies": HISTORY,
    "files_info": {"files:read"},
    "files_upload_v2": {"files:write"},
    "send_dict": set(),  # to a response_url
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_conversations": {"channels:read", "groups:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_push": set(),
    "views_update": set(),
}
"""What our calls need. Source: Slack documentation, reference of each method, Scopes."""

EVENT_SCOPES = {
    "app_mention": {"app_mentions:read"},
    "message.im": {"im:history"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
}
"""Source: Slack documentation, reference of each event, Required scopes."""

LISTENED = {"app_home_opened", "app_mention", "message.im"}
"""What bot/platforms/slack/bolt.py listens to beside ``NAMES``."""

MANIFEST = load_manifest()


def find_called() -> set[str]:
    """Methods that our code calls, as slack_sdk names them."""
    files = sorted(ROOM.glob("*.py"))
    return {name for file in files for name in CALLED.findall(file.read_text("utf-8"))}


def test_every_call_has_its_scopes() -> None:
    called = find_called()

    assert {"chat_postMessage", "users_info"} < called
    for name in sorted(called):
        missing = SCOPES[name] - MANIFEST.scopes.keys()
        assert not missing, f"{name} needs {missing}"


def test_no_scope_is_asked_for_without_need() -> None:
    needed = {scope for name in find_called() for scope in SCOPES[name]}
    needed |= {scope for name in MANIFEST.events for scope in EVENT_SCOPES.get(name, ())}

    assert MANIFEST.scopes.keys() - needed == {"commands"}


def test_what_our_calls_need_is_what_the_loopback_slack_asks_for() -> None:
    known = {name.replace(".", "_"): method for name, method in METHODS.items()}

    for name in sorted(find_called() & known.keys()):
        asked = set(known[name].scopes) - {"connections:write"}
        assert not asked or asked & SCOPES[name], name
    assert set(BOT_SCOPES) == MANIFEST.scopes.keys()


@pytest.mark.parametrize("scope", sorted(MANIFEST.scopes))
def test_every_scope_says_what_it_is_for(scope: str) -> None:
    assert re.match(r"(to|for|as) ", MANIFEST.scopes[scope])


def test_every_event_is_listened_to_and_every_listener_gets_its_events() -> None:
    assert set(MANIFEST.events) == LISTENED | set(NAMES)
    bolt = (ROOM / "bolt.py").read_text("utf-8")
    listened = set(re.findall(r'app\.event\("(\w+)"\)', bolt))
    assert listened == {one.partition(".")[0] for one in LISTENED}


def test_every_event_has_its_scopes() -> None:
    for name in MANIFEST.events:
        kind = name.partition("_")[0]
        usual = {f"{kind}s:read"} if kind in {"channel", "group"} else set()
        assert EVENT_SCOPES.get(name, usual) <= MANIFEST.scopes.keys(), name


def test_the_commands_are_those_of_the_table_each_with_all_its_verbs() -> None:
    read = YAML(typ="safe").load(MANIFEST.text)
    hints = {one["command"]: one["usage_hint"] for one in read["features"]["slash_commands"]}
    rows = sorted(TABLE, key=lambda row: row.noun)
    nouns = {f"/{noun}": list(rows) for noun, rows in groupby(rows, key=lambda row: row.noun)}

    assert set(MANIFEST.commands) == nouns.keys()
    for command, of_noun in nouns.items():
        said = {one.split()[0] for one in hints[command].split(" · ")}
        assert said == {row.verb for row in of_noun}, command


def test_slack_takes_it() -> None:
    """Within the bounds of its reference: lengths, names, what goes with Socket Mode."""
    read = YAML(typ="safe").load(MANIFEST.text)
    display, features = read["display_information"], read["features"]

    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert 174 <= len(display["long_description"]) <= 4_000
    assert re.fullmatch("#[0-9a-f]{6}", display["background_color"])
    assert len(features["bot_user"]["display_name"]) <= 80
    for command in features["slash_commands"]:
        assert re.fullmatch("/[a-z]{1,31}", command["command"])
        assert len(command["description"]) <= 2_000
        assert len(command["usage_hint"]) <= 1_000
        assert command["should_escape"] is True
        assert "url" not in command
    assert len(read["settings"]["event_subscriptions"]["bot_events"]) <= 100
    assert len(read["oauth_config"]["scopes"]["bot"]) <= 255
    assert read["settings"]["socket_mode_enabled"] is True


def test_for_http_it_has_every_address_and_no_socket() -> None:
    read = YAML(typ="safe").load(make_http_manifest("https://news.example.org/"))
    settings, events = read["settings"], "https://news.example.org/slack/events"

    assert {one["url"] for one in read["features"]["slash_commands"]} == {events}
    assert settings["event_subscriptions"]["request_url"] == events
    assert settings["interactivity"] == {
        "is_enabled": True,
        "request_url": events,
        "message_menu_options_url": events,
    }
    assert settings["socket_mode_enabled"] is False
    redirects = read["oauth_config"]["redirect_urls"]
    assert redirects == ["https://news.example.org/slack/oauth_redirect"]


def test_for_http_nothing_else_is_another_and_scopes_keep_their_reasons() -> None:
    text = make_http_manifest("https://news.example.org")
    http, socket = (YAML(typ="safe").load(one) for one in (text, MANIFEST.text))

    for command in http["features"]["slash_commands"]:
        del command["url"]
    del http["oauth_config"]["redirect_urls"]
    for where in ("event_subscriptions", "interactivity"):
        del http["settings"][where]["request_url"]
    del http["settings"]["interactivity"]["message_menu_options_url"]
    http["settings"]["socket_mode_enabled"] = True
    assert http == socket
    assert "- users:read  # to know who is an admin and who is a guest" in text
    assert "Socket Mode" not in text


@pytest.mark.parametrize(
    "url", ["", "news.example.org", "http://news.example.org", "https://", "https://a.example/?x=1"]
)
def test_an_address_that_slack_sends_nothing_to_is_refused(url: str) -> None:
    with pytest.raises(InputInvalid, match="https://news"):
        make_http_manifest(url)


def test_it_travels_in_the_wheel() -> None:
    """Beside the catalogue, so that it is found wherever the program is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]

    assert included["config/slack-manifest.yaml"] == "bot/catalogue/shipped/slack-manifest.yaml"
    assert {f"config/{file.name}" for file in (ROOT / "config").glob("*.yaml")} <= included.keys()
