"""What a person types, and how the app is told of it."""

from __future__ import annotations

import pytest

from tests.servers.slack import SlackServer
from tests.servers.slack.typed import write


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("what is new?", "what is new?"),
        ("AT&T < 5 > 3", "AT&amp;T &lt; 5 &gt; 3"),
        ("in #general, please", "in <#{general}|general>, please"),
        ("#secret", "<#{secret}|>"),
        ("#hidden #nowhere", "#hidden #nowhere"),
        ("@ada and @desk", "<@{ada}> and <!subteam^{desk}|@desk>"),
        ("@here", "<!here>"),
        ("ada@nowhere", "ada@nowhere"),
        ("see https://e.org/?a=1&b=2.", "see <https://e.org/?a=1&amp;b=2>."),
        ("add example.com/rss", "add <http://example.com/rss|example.com/rss>"),
        ("at 9.30 or 10.15", "at 9.30 or 10.15"),
        ("<#{general}|x> <nothing>", "<#{general}|x> &lt;nothing&gt;"),
    ],
)
def test_channels_people_and_links_are_told_by_controls(typed: str, told: str) -> None:
    server = SlackServer()
    team = server.team
    secret = server.add_channel("secret", team=team, kind="private")
    hidden = server.add_channel("hidden", team=team, kind="private")
    hidden.members.discard(server.person.id)
    ids = {
        "{general}": server.channel.id,
        "{secret}": secret.id,
        "{ada}": server.person.id,
        "{desk}": server.add_group("desk", team=team).id,
    }
    for name, value in ids.items():
        typed, told = typed.replace(name, value), told.replace(name, value)

    assert write(typed, team=team, user=server.person) == told


async def test_commands_are_told_with_names_or_as_typed() -> None:
    async with SlackServer() as server:
        first = server.start_slash("/show @ada in #general")
        server.is_escaping = False
        second = server.start_slash("/show AT&T in #general")

        texts = [act.envelope.payload["text"] for act in (first, second) if act.envelope]
    person, channel = server.person.id, server.channel.id
    assert texts == [f"<@{person}|ada> in <#{channel}|general>", "AT&T in #general"]
