"""Small methods: who am I, who are they, what groups are there, where am I."""

from __future__ import annotations

from tests.servers.slack.calls import Answer, Call, method
from tests.servers.slack.limiter import SPECIAL
from tests.servers.slack.refusal import Refused


@method("auth.test", tier=SPECIAL)
def test(call: Call) -> Answer:
    """Whose token this is."""
    if call.token.is_app:
        return {"app_name": "newsbot", "app_id": call.state.app_id}
    team = call.team
    return {
        "url": team.url,
        "team": team.name,
        "user": team.bot.name,
        "team_id": team.id,
        "user_id": team.bot.id,
        "bot_id": team.bot_id,
        "is_enterprise_install": False,
    }


@method("auth.revoke", tier=3)
def revoke(call: Call) -> Answer:
    """Give the token back."""
    if not call.flag("test"):
        call.token.error = "token_revoked"
    return {"revoked": not call.flag("test")}


@method("apps.connections.open", "connections:write", tier=1, is_app=True)
def open_connection(call: Call) -> Answer:
    """An address for one connection of Socket Mode."""
    return {"url": call.state.sockets.make_url()}


@method("users.info", "users:read", tier=4)
def info(call: Call) -> Answer:
    """One person."""
    user = call.state.find_user(call.team, call.need("user"))
    return {"user": user.json(has_locale=call.flag("include_locale"))}


@method("usergroups.list", "usergroups:read", tier=2, more="team_id")
def list_groups(call: Call) -> Answer:
    """The user groups of the workspace."""
    found = []
    for group in call.team.groups.values():
        if group.is_disabled and not call.flag("include_disabled"):
            continue
        given = group.json()
        if call.flag("include_users"):
            given["users"] = sorted(group.members)
        found.append(given)
    return {"usergroups": found}


@method("usergroups.users.list", "usergroups:read", tier=2, more="team_id")
def list_members(call: Call) -> Answer:
    """The ids of a user group's people."""
    group = call.team.groups.get(call.need("usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    if group.is_disabled and not call.flag("include_disabled"):
        return {"users": []}
    return {"users": sorted(group.members)}


@method("team.info", "team:read", tier=3, more="domain")
def team_info(call: Call) -> Answer:
    """The workspace."""
    team = call.team
    found = {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": ""}
    return {"team": found | {"url": team.url, "icon": {"image_default": True}}}
