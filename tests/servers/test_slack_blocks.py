"""Block Kit as the loopback Slack judges it: each documented limit, at its edge and beyond."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.servers.slack.blocks import check_blocks
from tests.servers.slack.modals import read_view
from tests.servers.slack.refusal import Refused
from tests.servers.slack_bot import button, plain, row, section

Body = dict[str, Any]


def option(label: str = "One", value: str = "1") -> Body:
    return {"text": plain(label), "value": value}


def group(label: str = "x", count: int = 1) -> Body:
    return {"label": plain(label), "options": [option()] * count}


def picture(**more: Any) -> Body:
    given = {"type": "image", "alt_text": "x", "image_url": "https://e.org/a.png"}
    return given | more


def menu(**more: Any) -> Body:
    return {"type": "static_select", "action_id": "m", **more}


def context(*texts: str) -> Body:
    return {"type": "context", "elements": [plain(text) for text in texts]}


def entry(element: Body, **more: Any) -> Body:
    return {"type": "input", "label": plain("Name"), "element": element, **more}


def field(**more: Any) -> Body:
    return {"type": "plain_text_input", "action_id": "f", **more}


def confirm(**more: str) -> Body:
    texts = {"title": "a", "text": "b", "confirm": "c", "deny": "d"} | more
    return {key: plain(text) for key, text in texts.items()}


def modal(*blocks: Body, **more: Any) -> Body:
    return {"type": "modal", "title": plain("T"), "blocks": list(blocks)} | more


def judge(*blocks: Any, surface: str = "message") -> str:
    """ "" where Slack takes them, else its error and the first problem."""
    try:
        check_blocks(deepcopy(list(blocks)), surface=surface, complaints=[])
    except Refused as refused:
        return f"{refused.error} {refused.messages[0] if refused.messages else ''}".strip()
    return ""


def judge_view(view: Any, kind: str = "modal") -> str:
    try:
        read_view(view, kind=kind, complaints=[])
    except Refused as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (section("x" * 3000), section("x" * 3001)),
        (section("x"), section("")),
        (
            {"type": "section", "fields": [plain("x" * 2000)] * 6},
            {"type": "section", "fields": [plain("x" * 2001)]},
        ),
        (
            {"type": "section", "fields": [plain("x")] * 10},
            {"type": "section", "fields": [plain("x")] * 11},
        ),
        ({"type": "section", "fields": [plain("x")]}, {"type": "section"}),
        (
            {"type": "header", "text": plain("x" * 150)},
            {"type": "header", "text": plain("x" * 151)},
        ),
        (
            {"type": "header", "text": plain("x")},
            {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        ),
        (context(*"x" * 10), context(*"x" * 11)),
        (
            row(*(button("x", str(n)) for n in range(25))),
            row(*(button("x", str(n)) for n in range(26))),
        ),
        (row(button("x", "a")), row()),
        (row(button("x", "a"), button("y", "b")), row(button("x", "a"), button("y", "a"))),
        (row(button("x" * 75, "a")), row(button("x" * 76, "a"))),
        (row(button("x", "a" * 255)), row(button("x", "a" * 256))),
        (row(button("x", "a", value="v" * 2000)), row(button("x", "a", value="v" * 2001))),
        (
            row(button("x", "a", url="https://e.org/".ljust(3000, "x"))),
            row(button("x", "a", url="https://e.org/".ljust(3001, "x"))),
        ),
        (row(button("x", "a", url="https://e.org")), row(button("x", "a", url="e.org"))),
        (row(button("x", "a", style="danger")), row(button("x", "a", style="default"))),
        (row(button("x", "a"), block_id="b" * 255), row(button("x", "a"), block_id="b" * 256)),
        (
            row(button("x", "a", confirm=confirm(title="t" * 100))),
            row(button("x", "a", confirm=confirm(title="t" * 101))),
        ),
        (
            row(button("x", "a", confirm=confirm(text="t" * 300))),
            row(button("x", "a", confirm=confirm(text="t" * 301))),
        ),
        (
            row(button("x", "a", confirm=confirm(deny="t" * 30))),
            row(button("x", "a", confirm=confirm(deny="t" * 31))),
        ),
        (row(menu(options=[option()] * 100)), row(menu(options=[option()] * 101))),
        (row(menu(options=[option("x" * 75)])), row(menu(options=[option("x" * 76)]))),
        (
            row(menu(options=[option("x", "v" * 150)])),
            row(menu(options=[option("x", "v" * 151)])),
        ),
        (
            row(menu(options=[option()], placeholder=plain("x" * 150))),
            row(menu(options=[option()], placeholder=plain("x" * 151))),
        ),
        (
            row(menu(options=[option()], initial_option=option())),
            row(menu(options=[option()], initial_option=option("Two", "2"))),
        ),
        (row(menu(options=[option()])), row(menu())),
        (
            section("x", accessory={"type": "overflow", "options": [option()] * 5}),
            section("x", accessory={"type": "overflow", "options": [option()] * 6}),
        ),
        (
            row({"type": "checkboxes", "options": [option()] * 10}),
            row({"type": "checkboxes", "options": [option()] * 11}),
        ),
        (
            row({"type": "radio_buttons", "options": [option()] * 10}),
            row({"type": "radio_buttons", "options": [option()] * 11}),
        ),
        (
            row({"type": "datepicker", "initial_date": "2026-11-23"}),
            row({"type": "datepicker", "initial_date": "23.11.2026"}),
        ),
        (
            row({"type": "timepicker", "initial_time": "09:00"}),
            row({"type": "timepicker", "initial_time": "9:00"}),
        ),
        (
            {"type": "image", "alt_text": "x", "image_url": "https://e.org/a.png"},
            {"type": "image", "alt_text": "", "image_url": "https://e.org/a.png"},
        ),
        (
            {"type": "markdown", "text": "x" * 12_000},
            {"type": "markdown", "text": "x" * 12_001},
        ),
        (
            row(button("x", "a", accessibility_label="x" * 75)),
            row(button("x", "a", accessibility_label="x" * 76)),
        ),
        (
            row(button("x", "a", confirm=confirm(confirm="t" * 30))),
            row(button("x", "a", confirm=confirm(confirm="t" * 31))),
        ),
        (
            row({"type": "overflow", "options": [option("x" * 75, "v" * 150)]}),
            row({"type": "overflow", "options": [option("x" * 76)]}),
        ),
        (
            row({"type": "overflow", "options": [option()]}),
            row({"type": "overflow", "options": [option("x", "v" * 151)]}),
        ),
        (
            row(menu(options=[option() | {"description": plain("x" * 75)}])),
            row(menu(options=[option() | {"description": plain("x" * 76)}])),
        ),
        (
            row({"type": "checkboxes", "options": [option() | {"description": plain("x" * 75)}]}),
            row({"type": "checkboxes", "options": [option() | {"description": plain("x" * 76)}]}),
        ),
        (
            row(menu(option_groups=[group("x" * 75, 100), *[group()] * 99])),
            row(menu(option_groups=[group("x", 1)] * 101)),
        ),
        (row(menu(option_groups=[group()])), row(menu(option_groups=[group("x" * 76)]))),
        (row(menu(option_groups=[group()])), row(menu(option_groups=[group("x", 101)]))),
        (
            row(menu(option_groups=[group()])),
            row(menu(option_groups=[group()], options=[option()])),
        ),
        (context("x" * 3000), context("x" * 3001)),
        (picture(alt_text="x" * 2000), picture(alt_text="x" * 2001)),
        (picture(title=plain("x" * 2000)), picture(title=plain("x" * 2001))),
        (picture(), picture(slack_file={"id": "F0"})),
        (section("x"), section("x", colour="red")),
        (section("x"), {"type": "sectoin", "text": plain("x")}),
        (row(menu(options=[option()])), row(field())),
        (section("x"), "section"),
    ],
)
def test_block_at_the_limit_is_taken_and_beyond_it_refused(right: Body, wrong: Body) -> None:
    assert judge(right) == ""
    assert judge(wrong).startswith("invalid_blocks ")


def test_problems_name_their_place() -> None:
    said = judge(section("x"), row(button("x" * 76, "a")))

    place = "[json-pointer:/blocks/1/elements/0/text/text]"
    assert said == f"invalid_blocks [ERROR] must be less than 76 characters {place}".replace(
        "[ERROR] ", ""
    )


def test_message_has_fifty_blocks_and_a_view_a_hundred() -> None:
    divider = {"type": "divider"}

    assert judge(*[divider] * 50) == ""
    assert judge(*[divider] * 51).startswith("invalid_blocks no more than 50 items")
    assert judge(*[divider] * 100, surface="home") == ""
    assert judge(*[divider] * 101, surface="home").startswith("invalid_blocks no more than 100")


def test_texts_of_a_message_together_have_a_limit_that_views_do_not_have() -> None:
    most = [section("x" * 3000)] * 4 + [section("x" * 1200)]

    assert judge(*most) == ""
    assert judge(*most, section("x")) == "msg_blocks_too_long"
    assert judge(*most, section("x"), surface="home") == ""


def test_block_ids_differ_and_are_given_where_there_are_none() -> None:
    blocks = [row(button("x", "a")), section("x", block_id="mine")]
    blocks[0]["elements"].append({"type": "button", "text": plain("y")})
    check_blocks(blocks, surface="message", complaints=[])

    assert blocks[0]["block_id"]
    assert blocks[0]["elements"][1]["action_id"]
    twice = [section("x", block_id="mine")] * 2
    assert "block_id 'mine' already exists" in judge(*twice)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (modal(title=plain("x" * 24)), modal(title=plain("x" * 25))),
        (
            modal(entry(field()), submit=plain("x" * 24)),
            modal(entry(field()), submit=plain("x" * 25)),
        ),
        (modal(entry(field()), submit=plain("x")), modal(entry(field()))),
        (modal(close=plain("x" * 24)), modal(close=plain("x" * 25))),
        (modal(private_metadata="x" * 3000), modal(private_metadata="x" * 3001)),
        (modal(callback_id="x" * 255), modal(callback_id="x" * 256)),
        (modal(external_id="x" * 255), modal(external_id="x" * 256)),
        (modal(), modal(colour="red")),
        (modal(), {"type": "modal", "blocks": []}),
        (modal(), {"type": "home", "blocks": []}),
        (
            modal(entry(field(), label=plain("x" * 2000)), submit=plain("x")),
            modal(entry(field(), label=plain("x" * 2001)), submit=plain("x")),
        ),
        (
            modal(entry(field(), hint=plain("x" * 2000)), submit=plain("x")),
            modal(entry(field(), hint=plain("x" * 2001)), submit=plain("x")),
        ),
        (
            modal(entry(field(max_length=3000)), submit=plain("x")),
            modal(entry(field(max_length=3001)), submit=plain("x")),
        ),
        (
            modal(entry(field(focus_on_load=True)), submit=plain("x")),
            modal(*[entry(field(focus_on_load=True))] * 2, submit=plain("x")),
        ),
        (
            modal(entry({"type": "number_input", "is_decimal_allowed": False}), submit=plain("x")),
            modal(entry({"type": "number_input"}), submit=plain("x")),
        ),
        (
            modal(entry({"type": "file_input", "max_files": 10}), submit=plain("x")),
            modal(entry({"type": "file_input", "max_files": 11}), submit=plain("x")),
        ),
        (
            modal(entry({"type": "external_select", "min_query_length": 0}), submit=plain("x")),
            modal(entry({"type": "external_select", "min_query_length": -1}), submit=plain("x")),
        ),
        (
            modal(entry({"type": "conversations_select"}), submit=plain("x")),
            modal(entry(button("x", "a")), submit=plain("x")),
        ),
        (modal(section("x")), modal({"type": "markdown", "text": "x"})),
    ],
)
def test_modal_at_the_limit_is_taken_and_beyond_it_refused(right: Body, wrong: Body) -> None:
    assert judge_view(right) == ""
    assert judge_view(wrong).startswith("invalid_arguments ")


def test_home_tab_takes_no_file_and_no_title() -> None:
    upload = entry({"type": "file_input"})

    assert judge_view({"type": "home", "blocks": [section("x")]}, "home") == ""
    assert "unsupported type: file_input" in judge_view(
        {"type": "home", "blocks": [upload]}, "home"
    )
    titled = {"type": "home", "blocks": [], "title": plain("x")}
    assert "invalid additional property: title" in judge_view(titled, "home")


def test_view_has_a_limit_of_size() -> None:
    fields = [plain("x" * 2000)] * 10
    blocks = [{"type": "section", "fields": fields}] * 13

    assert judge_view({"type": "home", "blocks": blocks[:12]}, "home") == ""
    assert judge_view({"type": "home", "blocks": blocks}, "home") == "view_too_large"


def test_rich_text_is_judged_to_its_leaves() -> None:
    def rich(*inline: Body) -> Body:
        line = {"type": "rich_text_section", "elements": list(inline)}
        listed = {"type": "rich_text_list", "style": "bullet", "elements": [line]}
        return {"type": "rich_text", "elements": [line, listed]}

    bold = {"type": "text", "text": "x", "style": {"bold": True}}
    assert judge(rich(bold, {"type": "link", "url": "https://e.org"})) == ""
    assert judge(rich({"type": "text"})).startswith("invalid_blocks missing required field: text")
    assert "invalid additional property: big" in judge(rich(bold | {"style": {"big": True}}))
