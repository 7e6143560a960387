"""The bot's own account, its commands, and its answers to interactions.

After the Discord documentation, "Application Commands" and "Receiving and Responding".
"""

from __future__ import annotations

from typing import Any

from tests.servers.discord import bodies, definitions, interactions, world
from tests.servers.discord.calls import Answer, Call, Route
from tests.servers.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction
from tests.servers.discord.refusal import Problem, Refusal, form_error
from tests.servers.discord.state import changed_fields, message_fields
from tests.servers.discord.world import Message

POST, DEFER, DEFER_UPDATE, UPDATE, CHOICES, OPEN_MODAL = 4, 5, 6, 7, 8, 9
LEGAL = {
    COMMAND: {POST, DEFER, OPEN_MODAL},
    COMPONENT: {POST, DEFER, DEFER_UPDATE, UPDATE, OPEN_MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL: {POST, DEFER, DEFER_UPDATE, UPDATE},
}


def get_me(call: Call) -> Answer:
    """The bot's user."""
    return 200, call.state.bot.json() | {"verified": True, "mfa_enabled": True, "flags": 0}


def get_application(call: Call) -> Answer:
    """The application."""
    state = call.state
    owner = next((u for u in state.users.values() if not u.is_bot), state.bot)
    return 200, {
        "id": str(state.application_id),
        "name": state.bot.name,
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": owner.json(),
        "team": None,
        "flags": 0,
        "integration_types_config": {"0": {}, "1": {}},
        "approximate_guild_count": len(call.state.guilds),
    }


def get_gateway_bot(call: Call) -> Answer:
    """Where the gateway is, and how many sessions may be started."""
    left = call.state.sessions_left
    gateway = call.state.gateway
    limit = {"total": 1000, "remaining": left, "reset_after": 86_400_000}
    limit["max_concurrency"] = gateway.at_once
    url = f"{call.state.root.replace('http', 'ws', 1)}/gateway"
    return 200, {"url": url, "shards": gateway.advised_shards, "session_start_limit": limit}


def _commands(call: Call) -> dict[int, dict[str, Any]]:
    if call.id("application_id") != call.state.application_id:
        raise Refusal(50001)
    if "guild_id" not in call.params:
        return call.state.commands
    if call.id("guild_id") not in call.state.guilds:
        raise Refusal(50001)
    return call.state.guild_commands.setdefault(call.id("guild_id"), {})


def _known(call: Call, body: dict[str, Any], number: int) -> dict[str, Any]:
    wanted = body.get("default_member_permissions")
    known = body | {
        "id": str(number),
        "application_id": str(call.state.application_id),
        "type": body.get("type", 1),
        "description": body.get("description") or "",
        "version": str(call.state.ids.next()),
        "default_member_permissions": None if wanted is None else str(wanted),
        "nsfw": body.get("nsfw", False),
        "options": body.get("options") or [],
    }
    if "guild_id" in call.params:
        known["guild_id"] = call.params["guild_id"]
    return known


def list_commands(call: Call) -> Answer:
    """The commands as they were synced."""
    return 200, list(_commands(call).values())


def put_commands(call: Call) -> Answer:
    """Replace all commands; one that keeps its name keeps its id."""
    there = _commands(call)
    definitions.check_all(call.body)
    ids = {(c["name"], c["type"]): int(c["id"]) for c in there.values()}
    call.state.syncs.append(call.body)
    there.clear()
    for body in call.body:
        key = (body["name"], body.get("type", 1))
        number = ids.get(key) or call.state.ids.next()
        there[number] = _known(call, body, number)
    return 200, list(there.values())


def post_command(call: Call) -> Answer:
    """Make or replace one command."""
    there = _commands(call)
    definitions.check_one(call.body)
    key = (call.body["name"], call.body.get("type", 1))
    old = next((n for n, c in there.items() if (c["name"], c["type"]) == key), 0)
    number = old or call.state.ids.next()
    there[number] = _known(call, call.body, number)
    return 200 if old else 201, there[number]


def delete_command(call: Call) -> Answer:
    """Remove one command."""
    if _commands(call).pop(call.id("command_id"), None) is None:
        raise Refusal(10063)
    return 204, None


def _find(call: Call) -> Interaction:
    """The interaction of a webhook token.

    Raises:
        Refusal: 50027 where the token is unknown or older than 15 minutes; 10015 before the
            first answer.
    """
    token = call.params["webhook_token"]
    found = next((i for i in reversed(call.state.interactions) if i.token == token), None)
    if found is None or call.id("webhook_id") != call.state.application_id:
        raise Refusal(10015 if found else 50027)
    if call.state.clock() - found.created_at > interactions.TOKEN_S:
        raise Refusal(50027)
    if not found.callback:
        raise Refusal(10015)
    return found


def callback(call: Call) -> Answer:
    """The first answer: within 3 seconds, once, of a type that fits."""
    state, body = call.state, call.body
    number, token = call.id("interaction_id"), call.params["interaction_token"]
    found = next((i for i in reversed(state.interactions) if i.id == number), None)
    if found is None or found.token != token:
        raise Refusal(10062)
    if found.callback:
        raise Refusal(40060)
    if state.clock() - found.created_at > interactions.FIRST_ANSWER_S:
        raise Refusal(10062)
    kind, data = body.get("type"), body.get("data") or {}
    if kind not in LEGAL[found.kind] or (kind == UPDATE and found.source is None):
        said = f"Value must be one of {sorted(LEGAL[found.kind])}."
        raise form_error([Problem(("type",), "BASE_TYPE_CHOICES", said)])
    try:
        _act(call, found, kind, data)
    except Refusal as refused:
        if refused.errors:
            refused.errors = {"data": refused.errors}
        raise
    found.callback = kind
    found.calls.append(("callback", body))
    found.acknowledged.set()
    if kind not in {DEFER, DEFER_UPDATE}:
        found.answered.set()
    if call.query.get("with_response") in {"1", "true", "True"}:
        return 200, _describe(found, kind)
    return 204, None


def _act(call: Call, found: Interaction, kind: int, data: dict[str, Any]) -> None:
    state = call.state
    if kind == POST:
        bodies.check(data, kind="callback", files=len(call.files))
        found.original = _post(call, found, data)
    elif kind == DEFER:
        flags = bodies.LOADING | ((data.get("flags") or 0) & bodies.EPHEMERAL)
        fields = message_fields({}, []) | {"flags": flags}
        found.original = state.post(found.channel, state.bot, fields, interaction_id=found.id)
    elif kind == DEFER_UPDATE:
        found.original = found.source
    elif kind == UPDATE:
        assert found.source is not None
        bodies.check(data, kind="callback", files=1, flags_before=found.source.flags)
        _edit(call, found.source, data)
        found.original = found.source
    elif kind == CHOICES:
        choices = data.get("choices") or []
        if problems := list(definitions.find_in_choices(("choices",), choices)):
            raise form_error(problems)
        found.choices = choices
    else:
        found.modal = _checked_modal(data)


def _checked_modal(data: dict[str, Any]) -> dict[str, Any]:
    problems = []
    for key, most in (("title", 45), ("custom_id", 100)):
        if not 1 <= len(data.get(key) or "") <= most:
            said = f"Must be between 1 and {most} in length."
            problems.append(Problem((key,), "BASE_TYPE_BAD_LENGTH", said))
    if not 1 <= len(data.get("components") or []) <= 5:
        said = "Must be between 1 and 5 in length."
        problems.append(Problem(("components",), "BASE_TYPE_BAD_LENGTH", said))
    if problems:
        raise form_error(problems)
    return data


def _post(call: Call, found: Interaction, body: dict[str, Any]) -> Message:
    fields = message_fields(body, call.attach(found.channel.id, body))
    allowed = body.get("allowed_mentions")
    return call.state.post(
        found.channel, call.state.bot, fields, allowed=allowed, interaction_id=found.id
    )


def _edit(call: Call, message: Message, body: dict[str, Any]) -> None:
    changes = changed_fields(body, message)
    if call.files:
        kept = changes.get("attachments", message.fields.get("attachments") or [])
        changes["attachments"] = kept + call.attach(message.channel_id, body)
    if message.flags & bodies.LOADING:
        changes["flags"] = changes.get("flags", message.flags) & ~bodies.LOADING
    call.state.edit(message, changes, allowed=body.get("allowed_mentions"))


def _describe(found: Interaction, kind: int) -> dict[str, Any]:
    about: dict[str, Any] = {"id": str(found.id), "type": found.kind}
    resource: dict[str, Any] = {"type": kind}
    if found.original is not None and kind in {POST, DEFER, UPDATE}:
        about |= {
            "response_message_id": str(found.original.id),
            "response_message_loading": kind == DEFER,
            "response_message_ephemeral": found.original.is_ephemeral,
        }
        resource["message"] = found.original.json()
    return {"interaction": about, "resource": resource}


def _message(call: Call, found: Interaction) -> Message:
    """The message a webhook call means: ``@original`` or one of the follow-ups."""
    name = call.params["message_id"]
    if name == "@original":
        message = found.original
    else:
        own = [found.original, *found.followups]
        message = next((m for m in own if m is not None and str(m.id) == name), None)
    if message is None or message.is_deleted:
        raise Refusal(10008)
    return message


def follow_up(call: Call) -> Answer:
    """A further message; after a deferred answer the first one takes its place."""
    found = _find(call)
    bodies.check(call.body, kind="webhook", files=len(call.files))
    found.calls.append(("follow_up", call.body))
    original = found.original
    if original is not None and original.flags & bodies.LOADING and not original.is_deleted:
        _edit(call, original, call.body)
        message = original
    else:
        message = _post(call, found, call.body)
        found.followups.append(message)
    found.answered.set()
    return 200, message.json()


def edit_answer(call: Call) -> Answer:
    """Change an answer; this is how a deferred one is given."""
    found = _find(call)
    message = _message(call, found)
    bodies.check(call.body, kind="webhook edit", files=1, flags_before=message.flags)
    _edit(call, message, call.body)
    found.calls.append(("edit", call.body))
    found.answered.set()
    return 200, message.json()


def get_answer(call: Call) -> Answer:
    """An answer as it is now."""
    return 200, _message(call, _find(call)).json()


def delete_answer(call: Call) -> Answer:
    """Take an answer back."""
    found = _find(call)
    message = _message(call, found)
    call.state.delete(message)
    found.calls.append(("delete", message.id))
    return 204, None


def list_guilds(call: Call) -> Answer:
    """The guilds the bot is in."""
    return 200, [
        {"id": str(g.id), "name": g.name, "permissions": str(world.EVERYDAY)}
        for g in call.state.guilds.values()
    ]


_APP = "/applications/{application_id}"
_HOOK = "/webhooks/{webhook_id}/{webhook_token}"
_W = ("webhook_id", "webhook_token")
_HOOK_MESSAGE = _HOOK + "/messages/{message_id}"
_CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
ROUTES = (
    Route("GET", "/users/@me", "get_my_user", get_me),
    Route("GET", "/users/@me/guilds", "list_my_guilds", list_guilds),
    Route("GET", "/oauth2/applications/@me", "get_my_oauth2_application", get_application),
    Route("GET", "/applications/@me", "get_my_application", get_application),
    Route("GET", "/gateway/bot", "get_bot_gateway", get_gateway_bot),
    *(
        Route(method, f"{_APP}{scope}/commands{rest}", f"{name}{suffix}", handler, place)
        for scope, suffix, place in (
            ("", "", ()),
            ("/guilds/{guild_id}", "_of_guild", ("guild_id",)),
        )
        for method, rest, name, handler in (
            ("GET", "", "list_commands", list_commands),
            ("PUT", "", "put_commands", put_commands),
            ("POST", "", "create_command", post_command),
            ("DELETE", "/{command_id}", "delete_command", delete_command),
        )
    ),
    Route("POST", _CALLBACK, "create_interaction_response", callback, ("interaction_id",), True),
    Route("POST", _HOOK, "execute_webhook", follow_up, _W, True),
    Route("PATCH", _HOOK_MESSAGE, "update_webhook_message", edit_answer, _W, True),
    Route("GET", _HOOK_MESSAGE, "get_webhook_message", get_answer, _W, True),
    Route("DELETE", _HOOK_MESSAGE, "delete_webhook_message", delete_answer, _W, True),
)
