"""The Web API of the loopback Slack before the real slack-sdk: what it gives and refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import SlackServer
from tests.servers.slack.calls import METHODS
from tests.servers.slack.specification import find_required, specification
from tests.servers.slack_bot import CARD, client_of, error_of, section

MARK = {"event_type": "story", "event_payload": {"number": 7}}


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer(is_limited=False) as made:
        yield made
        assert not made.complaints


@pytest.fixture
def client(server: SlackServer) -> AsyncWebClient:
    return client_of(server)


async def test_token_is_told_whose_it_is(server: SlackServer, client: AsyncWebClient) -> None:
    found = await client.auth_test()

    assert (found["team_id"], found["user_id"]) == (server.team.id, server.team.bot.id)
    assert "chat:write" in found.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-other", "invalid_auth"), ("xapp-1-invented", "invalid_auth")],
)
async def test_strange_tokens_are_refused(server: SlackServer, token: str, error: str) -> None:
    client = AsyncWebClient(token=token, base_url=server.api_base)

    assert await error_of(client.users_info(user=server.person.id)) == error


async def test_tokens_are_good_for_their_own_methods(
    server: SlackServer, client: AsyncWebClient
) -> None:
    opening = client.apps_connections_open(app_token=server.bot_token)
    with_app = AsyncWebClient(token=server.app_token, base_url=server.api_base)

    assert await error_of(opening) == "not_allowed_token_type"
    asked = with_app.users_info(user=server.person.id)
    assert await error_of(asked) == "not_allowed_token_type"


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive"])
async def test_token_that_was_taken_away_says_so_until_it_is_back(
    server: SlackServer, client: AsyncWebClient, error: str
) -> None:
    server.revoke(server.team, error)
    refused = await error_of(client.auth_test())
    server.restore(server.team)

    assert (refused, await error_of(client.auth_test())) == (error, "")


async def test_post_shows_what_was_sent(server: SlackServer, client: AsyncWebClient) -> None:
    sent = await client.chat_postMessage(
        channel=server.channel.id, text="gist", blocks=CARD, metadata=MARK, unfurl_links=False
    )

    (post,) = server.channel.posts
    assert (post.ts, post.text, post.metadata) == (sent["ts"], "gist", MARK)
    assert post.body["unfurls"] == (False, None)
    assert [block["type"] for block in post.blocks] == ["section", "actions"]
    assert sent["message"]["bot_id"] == server.team.bot_id
    assert server.asked[-1].args["blocks"] == CARD


async def test_post_to_a_person_reaches_the_direct_conversation(
    server: SlackServer, client: AsyncWebClient
) -> None:
    sent = await client.chat_postMessage(channel=server.person.id, text="psst")
    opened = await client.conversations_open(users=[server.person.id])

    assert sent["channel"] == opened["channel"]["id"] == server.direct_channel(server.person).id


async def test_places_where_the_bot_may_not_write(
    server: SlackServer, client: AsyncWebClient
) -> None:
    outside = server.add_channel("outside", team=server.team, has_bot=False)
    private = server.add_channel("private", team=server.team, kind="private", has_bot=False)
    old = server.add_channel("old", team=server.team)
    quiet = server.add_channel("quiet", team=server.team)
    left = server.add_channel("left", team=server.team)
    server.archive(old)
    server.remove_bot(left)
    quiet.error = "restricted_action"

    errors = {
        channel.name: await error_of(client.chat_postMessage(channel=channel.id, text="x"))
        for channel in (outside, private, old, quiet, left)
    }
    assert errors == {
        "outside": "not_in_channel",
        "private": "channel_not_found",
        "old": "is_archived",
        "quiet": "restricted_action",
        "left": "not_in_channel",
    }
    assert await error_of(client.chat_postMessage(channel="C0", text="x")) == "channel_not_found"


@pytest.mark.parametrize(
    ("length", "error"), [(40_000, ""), (40_001, "msg_too_long"), (0, "no_text")]
)
async def test_text_of_a_post_has_its_length(
    server: SlackServer, client: AsyncWebClient, length: int, error: str
) -> None:
    given = {"channel": server.channel.id, "text": "x" * length}
    call = client.api_call("chat.postMessage", json=given)

    assert await error_of(call) == error


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        (MARK, ""),
        ({"event_type": "story"}, "invalid_metadata_schema"),
        ({"event_type": "a story", "event_payload": {}}, "invalid_metadata_schema"),
        ({"event_type": "story", "event_payload": {"x": "y" * 9000}}, "metadata_too_large"),
    ],
)
async def test_metadata_has_its_form(
    server: SlackServer, client: AsyncWebClient, metadata: dict[str, object], error: str
) -> None:
    call = client.chat_postMessage(channel=server.channel.id, text="x", metadata=metadata)

    assert await error_of(call) == error


async def test_update_keeps_what_it_does_not_name(
    server: SlackServer, client: AsyncWebClient
) -> None:
    place = server.channel.id
    sent = await client.chat_postMessage(channel=place, text="a", blocks=CARD, metadata=MARK)
    await client.chat_update(channel=place, ts=sent["ts"], text="b")
    (post,) = server.channel.posts
    kept = (post.text, len(post.blocks), post.metadata, len(post.versions))
    await client.chat_update(channel=place, ts=sent["ts"], blocks=[], metadata={}, text="c")

    assert kept == ("b", 2, MARK, 2)
    assert (post.text, post.blocks, post.metadata) == ("c", [], {})
    assert post.edited > post.ts


async def test_only_own_messages_that_are_there_can_be_changed(
    server: SlackServer, client: AsyncWebClient
) -> None:
    place = server.channel.id
    theirs = server.post(server.channel, server.person, {"text": "x"})
    sent = await client.chat_postMessage(channel=place, text="a")
    (own,) = [m for m in server.channel.posts if m.ts == sent["ts"]]

    async def change(ts: str, text: str = "b") -> str:
        return await error_of(client.chat_update(channel=place, ts=ts, text=text))

    assert await change(theirs.ts) == "cant_update_message"
    assert await change("1.000001") == "message_not_found"
    assert await change(own.ts, "x" * 4001) == "msg_too_long"
    own.is_frozen = True
    assert await change(own.ts) == "edit_window_closed"
    assert await error_of(client.chat_delete(channel=place, ts=theirs.ts)) == "cant_delete_message"
    await client.chat_delete(channel=place, ts=own.ts)
    assert await change(own.ts) == "message_not_found"
    server.archive(server.channel)
    assert await change(theirs.ts) == "is_inactive"


async def test_replies_stand_in_their_thread(server: SlackServer, client: AsyncWebClient) -> None:
    place = server.channel.id
    first = await client.chat_postMessage(channel=place, text="first")
    for text, is_broadcast in (("quiet", False), ("loud", True)):
        await client.chat_postMessage(
            channel=place, text=text, thread_ts=first["ts"], reply_broadcast=is_broadcast
        )
    shown = (await client.conversations_history(channel=place))["messages"]
    thread = (await client.conversations_replies(channel=place, ts=first["ts"]))["messages"]
    lost = client.chat_postMessage(channel=place, text="x", thread_ts="1.000001")

    assert [m["text"] for m in shown] == ["loud", "first"]
    assert (shown[0]["subtype"], shown[1]["reply_count"]) == ("thread_broadcast", 2)
    assert [m["text"] for m in thread] == ["first", "quiet", "loud"]
    assert await error_of(lost) == "thread_not_found"


async def test_history_is_read_page_by_page(server: SlackServer, client: AsyncWebClient) -> None:
    place = server.channel.id
    sent = [(await client.chat_postMessage(channel=place, text=str(n)))["ts"] for n in range(5)]

    async def read(**given: object) -> list[list[str]]:
        pages = [await client.conversations_history(channel=place, limit=2, **given)]  # type: ignore[arg-type]
        while cursor := pages[-1]["response_metadata"]["next_cursor"]:
            found = await client.conversations_history(
                channel=place,
                limit=2,
                cursor=cursor,
                **given,  # type: ignore[arg-type]
            )
            pages.append(found)
        assert [page["has_more"] for page in pages] == [True] * (len(pages) - 1) + [False]
        return [[m["text"] for m in page["messages"]] for page in pages]

    assert await read() == [["4", "3"], ["2", "1"], ["0"]]
    assert await read(oldest=sent[0]) == [["2", "1"], ["4", "3"]]
    assert await read(oldest=sent[0], inclusive=True) == [["1", "0"], ["3", "2"], ["4"]]
    assert await read(oldest=sent[0], latest=sent[4]) == [["3", "2"], ["1"]]


async def test_metadata_is_given_only_when_asked_for(
    server: SlackServer, client: AsyncWebClient
) -> None:
    place = server.channel.id
    await client.chat_postMessage(channel=place, text="x", metadata=MARK)
    plain = await client.conversations_history(channel=place)
    whole = await client.conversations_history(channel=place, include_all_metadata=True)

    assert "metadata" not in plain["messages"][0]
    assert whole["messages"][0]["metadata"] == MARK


async def test_what_a_scope_allows_is_missed_without_it(
    server: SlackServer, client: AsyncWebClient
) -> None:
    server.team.token.scopes -= {"channels:history", "users:read"}
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_history(channel=server.channel.id)

    answer = refused.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:history")
    assert "chat:write" in answer["provided"]
    assert await error_of(client.users_info(user=server.person.id)) == "missing_scope"


async def test_people_groups_and_channels_are_found(
    server: SlackServer, client: AsyncWebClient
) -> None:
    server.team.token.scopes |= {"team:read"}
    bob = server.add_user("bob", team=server.team, is_owner=True, locale="de-DE", tz="Asia/Tokyo")
    group = server.add_group("editors", bob, team=server.team)
    secret = server.add_channel("secret", team=server.team, kind="private", creator=bob)
    server.add_channel("hidden", team=server.team, kind="private", has_bot=False)
    server.leave(secret, server.person)

    found = (await client.users_info(user=bob.id, include_locale=True))["user"]
    assert (found["is_admin"], found["is_owner"], found["locale"]) == (True, True, "de-DE")
    assert found["tz"] == "Asia/Tokyo"
    assert (await client.usergroups_list())["usergroups"][0]["handle"] == "editors"
    assert (await client.usergroups_users_list(usergroup=group.id))["users"] == [bob.id]
    info = (await client.conversations_info(channel=secret.id))["channel"]
    assert (info["is_private"], info["creator"], info["is_member"]) == (True, bob.id, True)
    members = (await client.conversations_members(channel=secret.id))["members"]
    assert server.person.id not in members
    listed = await client.conversations_list(types="public_channel,private_channel")
    assert {c["name"] for c in listed["channels"]} == {"general", "secret"}
    own = await client.users_conversations(user=server.person.id, types="private_channel")
    assert own["channels"] == []
    assert await error_of(client.users_info(user="U0")) == "user_not_found"
    assert (await client.team_info())["team"]["name"] == "Phone Fans"


async def test_permalink_leads_to_a_reply_in_its_thread(
    server: SlackServer, client: AsyncWebClient
) -> None:
    place = server.channel.id
    first = await client.chat_postMessage(channel=place, text="a")
    reply = await client.chat_postMessage(channel=place, text="b", thread_ts=first["ts"])
    link = await client.chat_getPermalink(channel=place, message_ts=reply["ts"])

    told = reply["ts"].replace(".", "")
    assert link["permalink"].endswith(f"{place}/p{told}?thread_ts={first['ts']}&cid={place}")


async def test_workspaces_do_not_see_each_other(server: SlackServer) -> None:
    other = server.add_team("Elsewhere")
    channel = server.add_channel("news", team=other)
    here, there = client_of(server), client_of(server, other)

    assert await error_of(here.chat_postMessage(channel=channel.id, text="x")) != ""
    assert await error_of(there.chat_postMessage(channel=channel.id, text="x")) == ""
    assert (await there.auth_test())["team"] == "Elsewhere"


async def test_forms_are_read_like_json(server: SlackServer, client: AsyncWebClient) -> None:
    form = {"channel": server.channel.id, "blocks": '[{"type": "divider"}]', "text": "x"}
    await client.api_call("chat.postMessage", data=form)
    broken = client.api_call("chat.postMessage", data=form | {"blocks": "[{"})

    assert server.channel.posts[0].blocks[0]["type"] == "divider"
    assert await error_of(broken) == "invalid_blocks_format"


@pytest.mark.skipif(specification() is None, reason="the specification is not beside the checkout")
async def test_misspelt_arguments_are_refused(server: SlackServer, client: AsyncWebClient) -> None:
    call = client.chat_postMessage(channel=server.channel.id, text="x", unfurl_link=False)

    assert await error_of(call) == "invalid_arguments"
    assert await error_of(client.api_call("chat.postMessages")) == "unknown_method"


@pytest.mark.skipif(specification() is None, reason="the specification is not beside the checkout")
async def test_required_arguments_are_missed(server: SlackServer, client: AsyncWebClient) -> None:
    view = {"type": "home", "blocks": []}
    whole = {"channel": server.channel.id, "user": server.person.id, "ts": "1.0", "view": view}
    whole |= {"text": "x", "user_id": server.person.id, "code": "c", "usergroup": "S0"}
    whole |= {"message_ts": "1.0", "trigger_id": "1.2.3"}
    missed = []
    for method in METHODS.values():
        for name in (required := find_required(method)):
            given = {key: value for key, value in whole.items() if key in required and key != name}
            missed.append(
                (method.name, name, await error_of(client.api_call(method.name, json=given)))
            )

    assert len(missed) >= 12
    assert not [each for each in missed if each[2] == ""]


async def test_home_tab_is_changed_only_from_what_it_was(
    server: SlackServer, client: AsyncWebClient
) -> None:
    view = {"type": "home", "blocks": [section("one")]}
    first = await client.views_publish(user_id=server.person.id, view=view)
    held = first["view"]["hash"]
    await client.views_publish(user_id=server.person.id, view=view, hash=held)
    late = client.views_publish(user_id=server.person.id, view=view, hash=held)

    assert await error_of(late) == "hash_conflict"
    assert server.team.homes[server.person.id]["blocks"][0]["text"]["text"] == "one"


async def test_files_go_up_and_come_down(server: SlackServer, client: AsyncWebClient) -> None:
    place = server.channel.id
    await client.files_upload_v2(content=b"a,b", filename="list.csv", channel=place)
    given = server.give_file("feeds.opml", b"<opml/>")
    info = (await client.files_info(file=given["id"]))["file"]

    async def fetch(token: str) -> bytes:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(info["url_private"]) as response,
        ):
            return await response.read()

    assert server.channel.posts[0].body["files"][0]["name"] == "list.csv"
    assert await fetch(server.bot_token) == b"<opml/>"
    assert b"Sign in" in await fetch("xoxb-other")
