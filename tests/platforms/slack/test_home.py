"""The Home tab as people use it, through the real slack-bolt against the loopback Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from bot.commands.answer import Answer, Choice, Choices, Facts, Heading, Hint, Lines, Stories
from bot.model import FOREVER, Platform, Subscription, Watch
from bot.platforms.slack.home import MAX_ROWS, Homes, draw_home
from tests.builders import message
from tests.platforms.hostile import texts
from tests.platforms.slack.desk import Desk, now, open_desk, until
from tests.servers.slack import Fault, User
from tests.servers.slack.modals import find_elements, read_view

QUICK_S = 0.05
PATIENT_S = 2.6  # of the three seconds that Slack waits; a machine that tests is slow


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        for part, name, value in (
            (opened.reception.homes, "gap_s", QUICK_S),
            (opened.reception.forms, "wait_s", PATIENT_S),
        ):
            object.__setattr__(part, name, value)  # they are what the listeners have
        yield opened


def take(view: dict[str, Any]) -> dict[str, Any]:
    """The tab as Slack has it, which says that it is one."""
    complaints: list[str] = []
    body = read_view(view, kind="home", complaints=complaints)
    # Where somebody wrote "&amp;", a reader shall see just that.
    assert not [one for one in complaints if "escaped twice" not in one]
    return body


def published(desk: Desk) -> int:
    return desk.server.count("views.publish")


async def home_of(desk: Desk, user: User | None = None) -> str:
    return (await desk.server.open_home(user)).text


async def subscribe(desk: Desk, channel: Any = None, **changes: Any) -> None:
    wanted = replace(Subscription(desk.place(channel)), **changes)
    await desk.store.subscribe(wanted, now=now())


async def test_the_tab_of_an_empty_workspace_says_where_to_start(desk: Desk) -> None:
    said = await home_of(desk)

    assert "What this workspace has" in said
    assert "None yet. Choose a channel" in said
    assert "[Subscribe a channel]" in said
    assert "[Watch a company]" in said
    assert "everybody in the channel concerned" in said


async def test_the_tab_of_a_large_workspace_is_within_the_limits_of_slack(desk: Desk) -> None:
    for number in range(60):
        channel = desk.server.add_channel(f"news-{number:02}", team=desk.server.team)
        await subscribe(desk, channel, companies=("huawei", "att", "zte"), paused_until=FOREVER)
    for number in range(200):
        await desk.store.save_watch(
            Watch(
                f"Quarzon {number:03}",
                aliases=tuple(f"Quarzon Maker {number} {other}" for other in range(30)),
                platform=Platform.SLACK,
                workspace=desk.server.team.id,
            ),
            now=now(),
        )

    act = await desk.server.open_home(desk.server.manager)

    assert act.home is not None
    assert len(act.home["blocks"]) <= 100
    assert "60 channels." in act.text
    assert "shows the other 48 too" in act.text
    assert "Companies watched here: 200" in act.text
    assert "shows the other 190 too" in act.text
    assert desk.server.count("users.conversations") == 1
    assert desk.server.count("conversations.info") == 0


@settings(max_examples=60, deadline=None)
@given(texts)
def test_slack_takes_the_tab_whatever_strangers_wrote(text: str) -> None:
    row = Choices(tuple(Choice("watch-remove", "s", text[:40] or "x") for _ in range(5)))
    parts = (
        Heading(text),
        Lines((text,) * 10),
        *((Lines((text,)), row) * 20),
        Facts(((text, text),) * 20),
        Stories((message(headline=text, outlet=text),) * 5, more=3),
        Hint(text, text),
    )

    take(draw_home(Answer("What this workspace has", parts), rule="S0123", rule_name=text))


def test_the_tab_has_room_for_its_buttons() -> None:
    row = Choices((Choice("form", "alerts.subscribe", "Subscribe"),))

    body = take(draw_home(Answer("x", (Lines(("y",)), row) * 30)))

    assert sum(block["type"] == "actions" for block in body["blocks"]) == 30
    assert MAX_ROWS >= 30


async def test_channels_are_paused_resumed_and_ended_from_the_tab(desk: Desk) -> None:
    await subscribe(desk)
    person = desk.server.person
    await desk.server.open_home()

    await desk.server.press(person, "Pause")
    found = await desk.store.find_subscription_or_none(desk.place())
    assert found is not None
    assert found.paused_until == FOREVER
    await until(lambda: "Resume" in str(desk.server.team.homes[person.id]))
    await desk.server.press(person, "Resume")
    await until(lambda: "'Pause'" in str(desk.server.team.homes[person.id]))
    done = await desk.server.press(person, "Unsubscribe")

    assert "Unsubscribed" in done.text
    assert await desk.store.find_subscription_or_none(desk.place()) is None
    await until(lambda: "None yet. Choose a channel" in str(desk.server.team.homes[person.id]))


async def test_what_takes_something_away_asks_before(desk: Desk) -> None:
    await subscribe(desk)
    act = await desk.server.open_home()

    assert act.home is not None
    buttons = {
        inner["text"]["text"]: inner
        for _, inner in find_elements(act.home["blocks"])
        if inner["type"] == "button"
    }
    asked = buttons["Unsubscribe"]["confirm"]["text"]["text"]
    name = desk.server.channel.name
    assert asked == f"Unsubscribe #{name}? Its settings and mutes are forgotten."
    assert "confirm" not in buttons["Pause"]


async def test_a_form_of_the_tab_is_about_the_channel_beside_it(desk: Desk) -> None:
    other = desk.server.add_channel("other", team=desk.server.team)
    await subscribe(desk, other, min_outlets=4)
    await desk.server.open_home()

    opened = await desk.server.press(desk.server.person, "Settings")
    done = await desk.server.submit(opened.modal, {"Outlets at least": "5"})

    assert "Changed" in done.text
    found = await desk.store.find_subscription_or_none(desk.place(other))
    assert found is not None
    assert found.min_outlets == 5
    homes = desk.server.team.homes
    await until(lambda: "once 5 outlets tell it" in str(homes[desk.server.person.id]))


async def test_a_form_of_the_tab_asks_which_channel(desk: Desk) -> None:
    await desk.server.open_home()

    opened = await desk.server.press(desk.server.person, "Subscribe a channel")
    await desk.server.submit(opened.modal, {"Channel": desk.server.channel.id})

    assert await desk.store.find_subscription_or_none(desk.place()) is not None


async def test_nobody_is_shown_channels_that_they_are_not_in(desk: Desk) -> None:
    secret = desk.server.add_channel("secret", team=desk.server.team, kind="private")
    secret.members.discard(desk.server.person.id)
    await subscribe(desk, secret, companies=("zte",))

    said = await home_of(desk)

    assert "None yet" in said
    assert "you are not in" not in said
    assert "ZTE" not in said
    assert secret.id not in str(desk.server.team.homes[desk.server.person.id])


async def test_public_channels_that_somebody_is_not_in_are_counted_but_for_guests(
    desk: Desk,
) -> None:
    server = desk.server
    public = server.add_channel("public", team=server.team)
    public.members.discard(server.person.id)
    await subscribe(desk, public)
    guest = server.add_user("guy", team=server.team)
    guest.is_guest = True

    assert "1 channel; 1 of them you are not in." in await home_of(desk)
    public.members.discard(guest.id)
    assert "None yet" in await home_of(desk, guest)


async def test_somebody_elses_direct_conversation_is_not_shown(desk: Desk) -> None:
    theirs = desk.server.direct_channel(desk.server.manager)
    await subscribe(desk, theirs)
    mine = desk.server.direct_channel(desk.server.person)
    await subscribe(desk, mine)

    await desk.server.open_home()

    home = str(desk.server.team.homes[desk.server.person.id])
    assert mine.id in home
    assert theirs.id not in home


async def test_admins_choose_who_may_manage_and_it_is_on_record(desk: Desk) -> None:
    admin = desk.server.manager
    group = desk.server.add_group("desk", admin, team=desk.server.team)
    assert "Choose who may" not in await home_of(desk)
    await desk.server.open_home(admin)

    offered = await desk.server.type(admin, "n1:managers:0", "")
    await desk.server.press(admin, "n1:managers:0", value=group.id)
    await until(lambda: "Members of @desk" in str(desk.server.team.homes[admin.id]))

    assert [one["value"] for one in offered] == ["everyone", "admins", "creator", group.id]
    refused = await desk.ask("/alerts settings")
    assert "@desk" in refused.text
    records = await desk.store.find_audit(Platform.SLACK, desk.server.team.id, limit=5)
    assert [(one.user, one.said) for one in records] == [(admin.id, f"who may manage: {group.id}")]
    listed = await desk.ask("/alerts list changes:yes", user=admin)
    assert f"who may manage: <!subteam^{group.id}>" in str(listed.answer.blocks)


async def test_only_admins_choose_who_may_manage(desk: Desk) -> None:
    admin = desk.server.manager
    await desk.server.open_home(admin)
    await desk.server.type(admin, "n1:managers:0", "")
    admin.is_admin = False
    desk.people._persons.forget((desk.server.team.id, admin.id))

    refused = await desk.server.press(admin, "n1:managers:0", value="creator")

    assert "Only admins" in refused.text
    assert await desk.reception.clerk.rights.load_managers(desk.server.team.id) == "everyone"


def homes_of(desk: Desk, gap_s: float) -> Homes:
    clerk = desk.reception.clerk
    return Homes(desk.office, now, clerk.rights, desk.people, desk.workspaces, gap_s=gap_s)


async def test_many_changes_make_few_drawings_and_the_last_shows_all(desk: Desk) -> None:
    homes, team, user = homes_of(desk, 0.3), desk.server.team.id, desk.server.person.id
    homes.open(team, user)
    await until(lambda: published(desk) == 1)
    await subscribe(desk)
    for _ in range(20):
        homes.refresh(team, user)

    await homes.finish()

    assert published(desk) == 2
    assert desk.server.channel.id in str(desk.server.team.homes[user])


async def test_the_tab_is_not_drawn_for_people_who_never_look_at_it(desk: Desk) -> None:
    homes = homes_of(desk, QUICK_S)

    homes.refresh(desk.server.team.id, desk.server.person.id)
    await homes.finish()

    assert published(desk) == 0


async def test_slack_is_obeyed_where_it_asks_to_wait(desk: Desk) -> None:
    homes = homes_of(desk, QUICK_S)
    desk.server.faults.add(Fault(429, method="views.publish", retry_after_s=1))

    homes.open(desk.server.team.id, desk.server.person.id)
    await homes.finish()

    assert published(desk) == 2
    assert desk.server.person.id in desk.server.team.homes


@pytest.mark.parametrize("error", ["not_enabled", "internal_error"])
async def test_a_tab_that_slack_does_not_take_breaks_nothing(desk: Desk, error: str) -> None:
    homes = homes_of(desk, QUICK_S)
    desk.server.faults.add(Fault(0, error=error, method="views.publish"))

    homes.open(desk.server.team.id, desk.server.person.id)
    await homes.finish()

    assert "What this workspace has" in await home_of(desk)
