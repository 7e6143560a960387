from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.delivery.parking import RESUME
from bot.errors import (
    PostGone,
    SendError,
    SendParked,
    SendRefused,
    SendRefusedForNow,
    SendUnclear,
)
from bot.platforms.slack.failures import (
    DEFECT,
    MAX_TOLD,
    NO_RIGHT,
    NO_THREAD,
    OFF_S,
    OPERATOR,
    RETRY_S,
    Doing,
    error_of,
    judge,
    retry_after_s,
    tell_parked,
)

POST, EDIT, READ = Doing.POST, Doing.EDIT, Doing.READ


def refusal(
    word: str, status: int = 200, *, headers: dict[str, str] | None = None, **body: Any
) -> SlackApiError:
    given = {"ok": False, "error": word} | body if word else body
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.example/api/chat.postMessage",
        req_args={},
        data=given,
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]


SAME_FOR_ALL = {
    SendParked: (
        "account_inactive", "token_revoked", "no_permission", "missing_scope",
        "team_access_not_granted", "two_factor_setup_required", "ekm_access_denied",
        "access_denied", "not_in_channel", "channel_is_limited_access",
        "method_not_supported_for_channel_type",
    ),
    SendRefusedForNow: (
        "not_authed", "invalid_auth", "token_expired", "not_allowed_token_type",
        "enterprise_is_restricted", "accesslimited", "method_deprecated", "deprecated_endpoint",
        "org_login_required", "team_added_to_org", "ratelimited", "rate_limited",
        "request_timeout", "upgrade_required", "unknown_method", "external_channel_migrating",
    ),
    SendUnclear: ("fatal_error", "internal_error", "service_unavailable"),
    SendRefused: (
        "invalid_arg_name", "invalid_arguments", "invalid_array_arg", "invalid_charset",
        "invalid_form_data", "invalid_post_type", "missing_post_type", "invalid_json",
        "json_not_object", "missing_argument",
    ),
}  # fmt: skip

OF_BODIES = (
    "attachment_payload_limit_exceeded", "as_user_not_supported", "invalid_attachments",
    "invalid_blocks", "invalid_blocks_format", "invalid_metadata_format",
    "invalid_metadata_schema", "markdown_text_conflict", "metadata_must_be_sent_from_app",
    "metadata_too_large", "msg_blocks_too_long", "msg_too_long", "no_text",
    "too_many_attachments", "too_many_contact_cards",
)  # fmt: skip

OF_POSTS = {
    SendParked: (
        "channel_not_found", "is_archived", "restricted_action",
        "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel", "restricted_action_thread_locked",
        "messages_tab_disabled", "cannot_reply_to_message", "invalid_thread_ts",
        "thread_not_found", "channel_type_not_supported", "user_not_found", "user_disabled",
        "cannot_dm_bot", "slack_connect_file_link_sharing_blocked",
        "slack_connect_canvas_sharing_blocked", "slack_connect_lists_sharing_blocked",
    ),
    SendRefused: (*OF_BODIES, "duplicate_channel_not_found", "duplicate_message_not_found",
                  "channel_missing"),
    SendRefusedForNow: ("message_limit_exceeded",),
}  # fmt: skip

OF_EDITS = {
    PostGone: (
        "message_not_found", "cant_update_message", "edit_window_closed", "is_inactive",
    ),
    SendParked: ("channel_not_found", "is_archived", "slack_connect_file_link_sharing_blocked"),
    SendUnclear: ("update_failed",),
    SendRefused: (*OF_BODIES, "block_mismatch", "file_not_found",
                  "no_dual_broadcast_content_update", "streaming_mode_mismatch"),
    SendRefusedForNow: ("streaming_state_conflict",),
}  # fmt: skip

OF_SEARCHES = {
    SendParked: ("channel_not_found", "thread_not_found"),
    SendRefused: (
        "invalid_ts_latest", "invalid_ts_oldest", "invalid_metadata_filter_keys", "bad_timestamp",
    ),
    SendRefusedForNow: ("invalid_cursor",),
}  # fmt: skip

DOCUMENTED = [
    (doing, word, kind)
    for doings, table in (
        ((POST, EDIT, READ), SAME_FOR_ALL),
        ((POST,), OF_POSTS),
        ((EDIT,), OF_EDITS),
        ((READ,), OF_SEARCHES),
    )
    for kind, words in table.items()
    for word in words
    for doing in doings
]


@pytest.mark.parametrize(("doing", "word", "kind"), DOCUMENTED)
def test_a_documented_error_means(doing: Doing, word: str, kind: type[SendError]) -> None:
    said = judge(refusal(word), doing=doing)

    assert type(said) is kind
    assert "\n" not in str(said)


def test_every_error_of_the_tables_is_tried_here() -> None:
    tried = {word for _, word, _ in DOCUMENTED}

    assert tried >= DEFECT | OPERATOR.keys() | NO_RIGHT | (NO_THREAD - {"message_not_found"})


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_answer_of_5xx_may_have_been_carried_out(status: int) -> None:
    assert type(judge(refusal("", status))) is SendUnclear


def test_an_answer_of_4xx_that_is_not_slacks_says_nothing_against_a_channel() -> None:
    said = judge(refusal("", 403))

    assert isinstance(said, SendRefusedForNow)
    assert said.is_general


def test_an_answer_200_that_is_not_slacks_is_unclear() -> None:
    assert type(judge(refusal(""))) is SendUnclear


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), SendUnclear),
        (aiohttp.ServerDisconnectedError(), SendUnclear),
        (aiohttp.SocketTimeoutError(), SendUnclear),
        (ConnectionResetError(104, "reset"), SendUnclear),
        (aiohttp.ClientPayloadError("cut off"), SendUnclear),
        (aiohttp.ConnectionTimeoutError(), SendRefusedForNow),
        (AttributeError("'list' object has no attribute 'get'"), SendUnclear),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), SendUnclear),
    ],
)
def test_trouble_on_the_way_means(error: Exception, kind: type[SendError]) -> None:
    assert type(judge(error)) is kind


def test_a_new_error_of_slacks_is_tried_again_and_in_the_end_given_up() -> None:
    said = judge(refusal("gone_fishing"))

    assert isinstance(said, SendRefusedForNow)
    assert not said.is_general
    assert "gone_fishing" in str(said)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": "soon"}, RETRY_S),
        ({}, RETRY_S),
    ],
)
def test_the_delay_of_a_429_is_kept(headers: dict[str, str], wait_s: float) -> None:
    error = refusal("ratelimited", 429, headers=headers)

    said = judge(error)

    assert isinstance(said, SendRefusedForNow)
    assert (said.retry_after_s, said.is_general) == (wait_s, True)
    assert retry_after_s(error) == wait_s


def test_only_a_limit_names_a_delay() -> None:
    assert retry_after_s(refusal("internal_error", headers={"Retry-After": "7"})) is None
    assert retry_after_s(TimeoutError()) is None


@pytest.mark.parametrize("word", sorted(OPERATOR))
def test_what_the_operator_must_change_holds_all_posts_back(word: str) -> None:
    said = judge(refusal(word))

    assert isinstance(said, SendRefusedForNow)
    assert (said.is_general, said.retry_after_s) == (True, OFF_S)
    assert "slack.bot_token" not in str(said)  # it has none where many install the app


def test_what_parks_says_what_to_do_and_the_way_back() -> None:
    told = {word: tell_parked(word) for kind, word in _parking()}

    for word, text in told.items():
        has_way_back = RESUME in text or RESUME[5:] in text or "subscribe" in text
        assert has_way_back, word


def _parking() -> list[tuple[type[SendError], str]]:
    return [(kind, word) for _, word, kind in DOCUMENTED if kind is SendParked]


def test_a_missing_permission_is_named() -> None:
    said = judge(refusal("missing_scope", needed="chat:write", provided="commands"))

    assert "(chat:write)" in str(said)


def test_a_refused_body_is_told_with_its_places_in_bounds() -> None:
    messages = ["[ERROR] must be less than 3001 characters\n[json-pointer:/blocks/0/text/text]"]

    said = judge(refusal("invalid_blocks", response_metadata={"messages": messages * 100}))

    assert "json-pointer:/blocks/0/text/text" in str(said)
    assert len(str(said)) < MAX_TOLD + 100
    assert "\n" not in str(said)


def test_a_defect_of_ours_is_not_dressed_up() -> None:
    with pytest.raises(KeyError):
        judge(KeyError("x"))


def test_the_error_behind_an_error_is_found_if_there_is_one() -> None:
    said = SendParked("x")
    said.__cause__ = refusal("is_archived")

    assert error_of(said) == "is_archived"
    anew = SendParked("y")
    anew.__cause__ = said
    assert error_of(anew) == "is_archived"
    assert error_of(SendParked("x")) == ""
