"""What a failed call means for the delivery: repeat, put off, park, or give up. Pure.

Slack names each error with a word. A destination is parked only for words that say so in plain
terms; a word that nobody knows yet is tried again for long.

Source: Slack documentation, chat.postMessage, chat.update, conversations.history and
conversations.replies, Errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from enum import Enum

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.delivery.parking import RESUME
from bot.errors import (
    PostGone,
    SendError,
    SendParked,
    SendRefused,
    SendRefusedForNow,
    SendUnclear,
)

RETRY_S = 30.0
"""Seconds to wait after a 429 that names none."""

OFF_S = 900.0
"""Seconds to put off what is owed while the token is not taken."""

DOUBTED_S = 30.0
"""Seconds to put off what was answered a word about the token that Slack does not stand by."""

UNKNOWN_S = 600.0
"""Seconds until what failed with an unknown error is tried again."""

MAX_TOLD = 600
"""Characters of Slack's own words that are repeated; they may quote the feed."""

NO_RIGHT = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "missing_scope",
        "no_permission",
        "restricted_action",
        "restricted_action_read_only_channel",
    }
)
"""Slack's words for a place that the bot may not see, or where it may not do that."""

TOO_FAST = frozenset({"ratelimited", "rate_limited"})

OPERATOR = {
    "not_authed": "the token is missing",
    "invalid_auth": "the token is not taken, or not from this address",
    "token_expired": "the token has expired; put one that does not rotate",
    "not_allowed_token_type": 'it is no bot token, which begins with "xoxb-"',
    "enterprise_is_restricted": "the token is of an organization, no workspace",
    "accesslimited": "Slack takes no requests from this network",
    "method_deprecated": "Slack has given up what this version asks; install a newer one",
    "deprecated_endpoint": "Slack has given up what this version asks; install a newer one",
    "unknown_method": "what answers there is not Slack's API (slack.api_base)",
    "upgrade_required": "Slack has given up what this version asks; install a newer one",
}
"""What the operator must change; any message would have been refused."""

REFUSED_TOKEN = frozenset({"not_authed", "invalid_auth", "token_expired", "not_allowed_token_type"})
"""Of these, those that say the token is no good."""

REMOVED = frozenset({"account_inactive", "token_revoked"})
"""What Slack answers to the token of a workspace that removed the app.

Source: Slack documentation, auth.test, Errors.
"""

OF_TOKEN = REFUSED_TOKEN | REMOVED | {"team_access_not_granted"}
"""What says nothing against a message or a channel. Said by mistake, it would silence them all,
so auth.test is asked whether it is so."""

UNCLEAR = frozenset({"internal_error", "fatal_error", "service_unavailable", "update_failed"})
"""Something of it may have been done all the same."""

LATER = frozenset(
    {
        "request_timeout",  # our request came cut off
        "team_added_to_org",  # the workspace moves into an organization
        "org_login_required",
        "external_channel_migrating",
        "invalid_cursor",  # of a page that was asked for too late
        "message_limit_exceeded",
        "streaming_state_conflict",
    }
)

GONE = {
    "message_not_found": "people deleted the post",
    "cant_update_message": "the post is another app's; was the app changed?",
    "edit_window_closed": "the workspace lets nobody change so old a post",
    "is_inactive": "the post can be changed no more",
}
"""Of an edit: what is there stays as it is. Not so where the channel is not found: that is
answered as well for a private one that the bot is out of for an hour."""

NO_THREAD = frozenset(
    {
        "thread_not_found",
        "message_not_found",
        "cannot_reply_to_message",
        "invalid_thread_ts",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
    }
)
"""Of a reply: its thread takes none, but the channel may."""

DEFECT = frozenset(
    {
        "as_user_not_supported",
        "attachment_payload_limit_exceeded",
        "bad_timestamp",
        "block_mismatch",
        "channel_missing",
        "duplicate_channel_not_found",
        "duplicate_message_not_found",
        "file_not_found",
        "invalid_arg_name",
        "invalid_arguments",
        "invalid_array_arg",
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_charset",
        "invalid_form_data",
        "invalid_json",
        "invalid_metadata_filter_keys",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "invalid_post_type",
        "invalid_ts_latest",
        "invalid_ts_oldest",
        "json_not_object",
        "markdown_text_conflict",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
        "missing_argument",
        "missing_post_type",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_dual_broadcast_content_update",
        "no_text",
        "streaming_mode_mismatch",
        "too_many_attachments",
        "too_many_contact_cards",
    }
)
"""What we sent is wrong, and will be the next time."""


class TokenRefused(SendRefusedForNow):
    """Slack takes the workspace's token no more, until a person changes something."""


class Doing(Enum):
    """What was asked."""

    POST = "post"
    EDIT = "edit"
    READ = "read"


def judge(error: Exception, *, doing: Doing = Doing.POST) -> SendError:
    """The error of the port that ``error`` stands for, whatever came before it.

    Raises:
        Exception: ``error`` itself, if it is none of the library's or the network's.
    """
    match error:
        case SendError():
            return copy(error)  # as its own cause an error could not be shown
        case SlackApiError():
            return _judge_answer(error, doing)
        case (
            aiohttp.ClientConnectorError()
            | aiohttp.ConnectionTimeoutError()
            | aiohttp.ClientHttpProxyError()
        ):
            return SendRefusedForNow("slack: cannot be reached", is_general=True)
        case TimeoutError():
            return SendUnclear("slack: no answer in time")
        case aiohttp.ClientError() | OSError():
            return SendUnclear(f"slack: the connection broke ({type(error).__name__})")
        case AttributeError() | ValueError():
            # slack_sdk stumbles over answers that are no JSON object.
            return SendUnclear("slack: what answers there is not its API (slack.api_base)")
    raise error


def error_of(error: BaseException | None) -> str:
    """Slack's word for what is behind ``error``, or ""."""
    while isinstance(error, SendError):  # said anew on its way up
        error = error.__cause__
    if not isinstance(error, SlackApiError):
        return ""
    word = _answer(error).get("error")
    return word if isinstance(word, str) else ""


def retry_after_s(error: BaseException) -> float | None:
    """Seconds to wait that a 429 names, ``RETRY_S`` if it names none; None for all else."""
    if not isinstance(error, SlackApiError):
        return None
    if _status(error) != 429 and error_of(error) not in TOO_FAST:
        return None
    headers = getattr(error.response, "headers", None)
    named = headers.get("Retry-After") if isinstance(headers, Mapping) else None
    try:
        return max(float(named), 1.0) if named else RETRY_S
    except ValueError:
        return RETRY_S


def tell_parked(word: str, *, needed: str = "") -> str:
    """Why nothing arrives there, and what a person must change; "" for any other word.

    Args:
        needed: the scopes that Slack says are missing.
    """
    ask = "ask an admin of the workspace"
    invite = f"invite it with /invite, {RESUME}"
    scopes = f" ({needed})" if needed else ""
    again = f"install it again, {RESUME}"
    told = {
        "channel_not_found": f"the channel is gone, or the bot is not in it; {invite}",
        "not_in_channel": f"the bot is not in the channel; {invite}",
        "is_archived": f"the channel is archived; open it again, {RESUME}",
        "channel_is_limited_access": f"the bot may not see the channel; give it access, {RESUME}",
        "channel_type_not_supported": "a channel of this kind takes no posts; subscribe another",
        "method_not_supported_for_channel_type": (
            "a channel of this kind takes no posts; subscribe another"
        ),
        "restricted_action": f"the workspace lets the bot not post there; {ask}, {RESUME}",
        "restricted_action_read_only_channel": (
            f"only some people may post in the channel; allow it the bot there, {RESUME}"
        ),
        "restricted_action_thread_only_channel": (
            "the channel takes posts in threads only; subscribe another, or a thread of it"
        ),
        "restricted_action_non_threadable_channel": (
            "the channel takes no posts in threads; subscribe the channel itself"
        ),
        "restricted_action_thread_locked": f"the thread is locked; unlock it, {RESUME}",
        "thread_not_found": "the thread is gone; subscribe another with /alerts subscribe",
        "cannot_reply_to_message": "the thread is gone; subscribe another with /alerts subscribe",
        "invalid_thread_ts": "the thread is gone; subscribe another with /alerts subscribe",
        "message_not_found": "the thread is gone; subscribe another with /alerts subscribe",
        "account_inactive": f"the app was removed from the workspace; {again}",
        "token_revoked": f"the app was removed from the workspace; {again}",
        "missing_scope": f"the app lacks a permission{scopes}; {again}",
        "no_permission": f"the app lacks a permission{scopes}; {again}",
        "team_access_not_granted": f"the app may not reach the workspace; {ask}, {RESUME}",
        "two_factor_setup_required": (
            f"the workspace asks for two-factor sign-in; {ask} about the app, {RESUME}"
        ),
        "ekm_access_denied": f"admins have suspended posting; when it is allowed, {RESUME[5:]}",
        "access_denied": f"Slack denies the bot access to the channel; {ask}, {RESUME}",
        "messages_tab_disabled": (
            f"the app takes no direct messages; switch on its Messages tab, {RESUME}"
        ),
        "user_not_found": "the person is not there any more; subscribe another channel",
        "user_disabled": "the person is not there any more; subscribe another channel",
        "cannot_dm_bot": "the other one is a bot; subscribe another channel",
    }
    if word.startswith("slack_connect_"):
        return f"admins restrict what is shared with other companies there; {ask}, {RESUME}"
    return told.get(word, "")


def _judge_answer(error: SlackApiError, doing: Doing) -> SendError:
    """What an answer other than "ok" means."""
    word, status = error_of(error), _status(error)
    wait_s = retry_after_s(error)
    if wait_s is not None:
        return _later(f"its limit asks to wait {wait_s:.0f} s", wait_s)
    if status >= 500 or word in UNCLEAR:
        return SendUnclear(f"slack: answered {word or status}")
    if word in OPERATOR:
        return _later(OPERATOR[word], OFF_S)
    if word in LATER:
        return _later(f"answered {word}", RETRY_S)
    return _judge_refusal(word, error, doing) if word else _judge_stranger(status)


def _judge_stranger(status: int) -> SendError:
    """What an answer means that is none of Slack's."""
    if status == 200:
        return SendUnclear("slack: what answers there is not its API (slack.api_base)")
    return SendRefusedForNow(f"slack: answered {status}", is_general=True)


def _judge_refusal(word: str, error: SlackApiError, doing: Doing) -> SendError:
    """What Slack's ``word`` for one message or place means: nothing was done."""
    if doing is Doing.EDIT and word in GONE:
        return PostGone(f"slack: {GONE[word]}")
    needed = _answer(error).get("needed")
    if told := tell_parked(word, needed=needed if isinstance(needed, str) else ""):
        return SendParked(told)
    if word in DEFECT:
        return SendRefused(f"slack: does not take what we sent: {_words(error)}")
    return SendRefusedForNow(f"slack: answered {_words(error)}", retry_after_s=UNKNOWN_S)


def _later(told: str, wait_s: float) -> SendRefusedForNow:
    return SendRefusedForNow(f"slack: {told}", retry_after_s=wait_s, is_general=True)


def _words(error: SlackApiError) -> str:
    """Slack's word and the places in our body that it names, on one line."""
    said = _answer(error)
    metadata = said.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, Mapping) else None
    parts = [str(said.get("error", ""))]
    for more in (messages, said.get("errors")):
        parts += [" ".join(str(one).split()) for one in more] if isinstance(more, list) else []
    return " · ".join(part for part in parts if part)[:MAX_TOLD]


def _answer(error: SlackApiError) -> Mapping[str, object]:
    """The body, or nothing where it is no JSON object."""
    data = getattr(error.response, "data", None)
    return data if isinstance(data, Mapping) else {}


def _status(error: SlackApiError) -> int:
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    return status if isinstance(status, int) else 0
