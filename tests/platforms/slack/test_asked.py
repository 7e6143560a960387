"""What Slack's payloads say of who did something, and where."""

from __future__ import annotations

from typing import Any

import pytest

from bot.model import Destination, Platform
from bot.platforms.slack.asked import (
    Asked,
    read_command,
    read_home,
    read_message,
    read_press,
)

ROOT, REPLY = "1795402299.000100", "1795402300.000200"


def press(**container: Any) -> dict[str, Any]:
    return {
        "user": {"id": "U1"},
        "container": {"type": "message", "channel_id": "C1", "message_ts": ROOT} | container,
        "response_url": "https://hooks.slack.com/actions/1",
        "trigger_id": "1.2",
    }


def test_a_command_stands_in_its_channel() -> None:
    body = {"user_id": "U1", "channel_id": "C1", "response_url": "r", "trigger_id": "t"}

    asked = read_command(body, workspace="T1")

    assert asked == Asked("T1", "U1", "C1", response_url="r", trigger_id="t")
    assert asked.place == Destination(Platform.SLACK, "T1", "C1")


@pytest.mark.parametrize(
    ("container", "message", "thread"),
    [
        ({}, {}, ""),
        ({"thread_ts": ROOT}, {}, ""),  # its own thread: it is read in the channel
        ({"message_ts": REPLY, "thread_ts": ROOT}, {}, ROOT),
        ({"message_ts": REPLY}, {"thread_ts": ROOT, "ts": REPLY}, ROOT),
        ({"message_ts": REPLY, "thread_ts": ROOT}, {"subtype": "thread_broadcast"}, ""),
    ],
    ids=["alone", "with replies", "a reply", "told by the message", "shown in the channel too"],
)
def test_a_button_is_pressed_in_a_thread_where_its_message_is_a_reply(
    container: dict[str, Any], message: dict[str, Any], thread: str
) -> None:
    assert read_press(press(**container) | {"message": message}, workspace="T1").thread == thread


def test_a_button_of_a_view_has_no_channel() -> None:
    home = {"user": {"id": "U1"}, "view": {"id": "V1", "type": "home"}}
    modal = {"user": {"id": "U1"}, "view": {"id": "V1", "type": "modal"}}

    assert read_press(home, workspace="T1") == Asked("T1", "U1", view="V1")
    assert read_press(modal, workspace="T1") == Asked("T1", "U1", view="V1", is_modal=True)


@pytest.mark.parametrize(
    ("event", "reply_in", "thread"),
    [
        ({"channel": "C1", "ts": ROOT}, ROOT, ""),
        ({"channel": "C1", "ts": REPLY, "thread_ts": ROOT}, ROOT, ROOT),
        ({"channel": "C1", "ts": ROOT, "thread_ts": ROOT}, ROOT, ""),
        ({"channel": "D1", "ts": ROOT, "channel_type": "im"}, "", ""),
        ({"channel": "D1", "ts": ROOT}, "", ""),
        ({"channel": "D1", "ts": REPLY, "thread_ts": ROOT, "channel_type": "im"}, ROOT, ROOT),
    ],
)
def test_a_message_is_answered_in_its_thread_and_a_direct_one_below_it(
    event: dict[str, Any], reply_in: str, thread: str
) -> None:
    asked = read_message(event | {"user": "U1"}, workspace="T1")

    assert (asked.reply_in, asked.thread) == (reply_in, thread)


@pytest.mark.parametrize(
    "body", [{}, {"user": None, "container": [], "message": "x", "view": 1}, {"user": {"id": 7}}]
)
def test_what_is_missing_or_odd_is_empty(body: dict[str, Any]) -> None:
    for read in (read_command, read_press, read_message, read_home):
        assert read(body, workspace="T1") == Asked("T1", "")
