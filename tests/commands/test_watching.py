from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.actions import find_action_or_none
from bot.commands.answer import Answer, Choice, Choices, Tone
from bot.commands.command import Handler
from bot.commands.watchanswers import add, edit, list_, remove
from bot.commands.watchanswers import test as try_name
from bot.commands.watchforms import MAX_SUBJECT, digest_of, pack_or_none, unpack
from bot.errors import InputInvalid
from bot.matching import MAX_WATCHES, company_of
from bot.model import Destination, Feedback, Mute, MuteKind, Platform, Role, Subscription, Watch
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.commands.calls import HERE as CHANNEL
from tests.commands.calls import make_call, say
from tests.contract.polls import add_feed, new_entry, outcome

HERE = Watch("", platform=Platform.DISCORD, workspace="g1")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


def own(name: str, **changes: Any) -> Watch:
    return Watch(name, platform=Platform.DISCORD, workspace="g1", **changes)


async def read(store: SqlStore, *titles: str) -> None:
    await store.commit_poll(outcome(await add_feed(store), *map(new_entry, titles)))


def choice_of(answer: Answer) -> Choice:
    (choice,) = next(part.choices for part in answer.parts if isinstance(part, Choices))
    return choice


async def press(store: SqlStore, choice: Choice) -> Answer:
    action = find_action_or_none(choice.action)
    assert action is not None
    return await action.run(make_call(store, subject=choice.subject))


async def test_a_clear_name_is_watched_at_once(store: SqlStore) -> None:
    await read(store, "Fairphone opens a shop", "Fairphone grows", "Rain")

    answer = await add(make_call(store, name="Fairphone", role="maker", aliases="Fair Phone BV"))

    made = own("Fairphone", role=Role.MAKER, aliases=("Fair Phone BV",))
    assert await store.find_watches() == (made,)
    assert answer.tone is Tone.DONE
    assert say(answer) == (
        "Fairphone is watched from now on\n"
        "Fairphone: maker, clear\n"
        'counts wherever it stands: "Fairphone", "Fair Phone BV", "Fair Phone", "FairPhone"\n'
        "Of 2 recent headlines with the name in it, 2 count; 2 of the last 7 days.\n"
        "# These count\n"
        "Fairphone grows\n"
        "Fairphone opens a shop\n"
        "> /watch edit changes how it is looked for"
    )


async def test_an_everyday_name_is_asked_about_before_it_is_watched(store: SqlStore) -> None:
    await read(store, "Orange cuts 700 jobs", "Orange juice is dear")

    answer = await add(make_call(store, name="orange"))

    assert answer.tone is Tone.CAUTION
    assert await store.find_watches() == ()
    said = say(answer)
    assert said.startswith(
        "Watch Orange?\n"
        '"Orange" is an everyday word; it counts only where the sentence shows a company.\n'
    )
    assert "Of 2 recent headlines with the name in it, 1 counts; 1 of the last 7 days." in said
    assert "# These do not\nOrange juice is dear" in said

    done = await press(store, choice_of(answer))
    assert await store.find_watches() == (own("orange"),)
    assert done.title == "Orange is watched from now on"
    assert (await press(store, choice_of(done))).title == "orange is watched no more"
    assert await store.find_watches() == ()


async def test_what_does_not_fit_a_button_is_watched_and_can_be_removed(store: SqlStore) -> None:
    needs = "operator, network, telecom, telecoms, broadband, 5G, mobile, roaming"

    answer = await add(make_call(store, name="Orange", needs=needs))

    assert len(await store.find_watches()) == 1
    assert (answer.title, answer.tone) == ("Orange is watched from now on", Tone.CAUTION)
    await press(store, choice_of(answer))
    assert await store.find_watches() == ()


@pytest.mark.parametrize(
    ("name", "known"),
    [("Huáwei", "Huawei"), ("one plus", "OnePlus"), ("中兴", "ZTE"), ("ZTE Corporation", "ZTE")],
)
async def test_a_company_of_the_catalogue_is_known_by_any_name(
    store: SqlStore, name: str, known: str
) -> None:
    answer = await add(make_call(store, name=name))

    assert answer.title == f"{known} is watched already, for everybody."
    assert await store.find_watches() == ()


async def test_a_brand_of_the_catalogue_is_asked_about(store: SqlStore) -> None:
    answer = await add(make_call(store, name="Redmi"))

    assert "Redmi is looked for already, and counts as Xiaomi." in say(answer)
    assert await store.find_watches() == ()


@pytest.mark.parametrize("name", ["fair phone", "FAIRPHONE", "Fairphoné", "Shift"])
async def test_another_spelling_of_what_is_watched_is_no_second_watch(
    store: SqlStore, name: str
) -> None:
    made = own("Fairphone", aliases=("SHIFT",))
    await store.save_watch(made, now=NOW)

    with pytest.raises(InputInvalid, match="is watched already"):
        await add(make_call(store, name=name))
    assert await store.find_watches() == (made,)


async def test_who_is_one_too_many_is_refused_though_two_come_at_once(store: SqlStore) -> None:
    for number in range(MAX_WATCHES - 1):
        await store.save_watch(own(f"Company {number}"), now=NOW)

    answers = await asyncio.gather(
        *(add(make_call(store, name=name)) for name in ("Fairphone", "Murena")),
        return_exceptions=True,
    )

    (refusal,) = (one for one in answers if isinstance(one, InputInvalid))
    assert str(refusal).startswith("100 companies are watched here, and that is the most")
    assert len(await store.find_watches()) == MAX_WATCHES


async def test_the_name_of_a_known_company_is_no_other_name(store: SqlStore) -> None:
    with pytest.raises(InputInvalid, match='"Huawei" is Huawei, which is watched already'):
        await add(make_call(store, name="Fairphone", aliases="Huawei"))
    await store.save_watch(own("Fairphone"), now=NOW)
    with pytest.raises(InputInvalid, match='"ＺＴＥ" is ZTE'):
        await edit(make_call(store, name="Fairphone", aliases="ＺＴＥ"))


async def test_a_name_is_no_further_name_of_itself(store: SqlStore) -> None:
    said = "Fairphone,Fairphone,, Fair Phone BV,"

    answer = await add(make_call(store, name="Fairphone", aliases=said))

    assert await store.find_watches() == (own("Fairphone", aliases=("Fair Phone BV",)),)
    assert "also Fairphone" not in say(answer)


async def test_a_list_shows_what_this_server_watches(store: SqlStore) -> None:
    assert "> /watch add adds one: a name is enough" in say(await list_(make_call(store)))
    await store.save_watch(own("Fairphone", role=Role.MAKER, aliases=("SHIFT",)), now=NOW)
    await store.save_watch(own("Orange", needs=("operator",), unless=("juice",)), now=NOW)
    await store.save_watch(Watch("Elsewhere"), now=NOW)

    assert say(await list_(make_call(store))).startswith(
        "2 companies of 100 watched here\n"
        "Fairphone: maker; also SHIFT\n"
        "Orange: another company; beside operator; never beside juice\n"
    )


async def test_an_edit_changes_what_it_names_and_none_empties_a_list(store: SqlStore) -> None:
    await store.save_watch(own("Orange", aliases=("Orange SA",), needs=("operator",)), now=NOW)

    answer = await edit(make_call(store, name="orange", role="carrier", needs="none"))

    assert await store.find_watches() == (own("Orange", role=Role.CARRIER, aliases=("Orange SA",)),)
    assert answer.title == "Orange is changed"
    assert (await edit(make_call(store, name="orange"))).title == (
        "As it was: name what shall change"
    )


async def test_channels_that_ask_for_a_company_follow_it_through_an_edit(store: SqlStore) -> None:
    await store.save_watch(own("Orange"), now=NOW)
    wanted = Subscription(
        CHANNEL,
        companies=("huawei", "orange"),
        mutes=(
            Mute(MuteKind.COMPANY, "orange"),
            Mute(MuteKind.PAIR, "huawei+orange"),
            Mute(MuteKind.OUTLET, "orange"),
        ),
    )
    await store.subscribe(wanted, now=NOW)

    await edit(make_call(store, name="Orange", role="carrier"))

    company = company_of(own("Orange", role=Role.CARRIER)).id
    assert company != "orange"
    assert await store.find_subscriptions() == (
        replace(
            wanted,
            companies=("huawei", company),
            mutes=(
                Mute(MuteKind.OUTLET, "orange"),
                Mute(MuteKind.COMPANY, company),
                Mute(MuteKind.PAIR, f"huawei+{company}"),
            ),
        ),
    )


async def test_removing_a_company_that_a_channel_asks_for_says_which(store: SqlStore) -> None:
    await store.save_watch(own("Orange"), now=NOW)
    await store.subscribe(Subscription(CHANNEL, companies=("orange",)), now=NOW)

    answer = await remove(make_call(store, name="Orange"))

    assert answer.tone is Tone.CAUTION
    assert "<#c1> asks for it by name; /alerts settings with companies" in say(answer)


async def test_removing_says_so_and_what_is_not_watched_is_refused(store: SqlStore) -> None:
    await store.save_watch(own("Orange"), now=NOW)

    assert (await remove(make_call(store, name="orange\n"))).title == "Orange is watched no more"
    with pytest.raises(InputInvalid, match="Nothing is watched here yet"):
        await remove(make_call(store, name="orange"))


async def test_a_trial_tells_what_people_called_not_relevant(store: SqlStore) -> None:
    await store.save_watch(own("Fairphone"), now=NOW)
    await read(store, "Fairphone grows")
    for number, (workspace, company) in enumerate(
        [("g1", "fairphone"), ("g1", "huawei"), ("g2", "fairphone")]
    ):
        said = Feedback(
            f"s{number}", Platform.DISCORD, workspace, "u1", NOW, (company,), f"Headline {number}"
        )
        await store.add_feedback(said)
        await store.add_feedback(
            Feedback(f"s{number}", Platform.DISCORD, workspace, "u2", NOW, (company,), "Again")
        )

    lines = say(await try_name(make_call(store, name="fairphone"))).splitlines()

    told = lines[lines.index("# Not relevant") :]
    assert told[1] == "People here called 1 story that names it not relevant:"
    assert len(told) == 4
    assert told[3] == "> /watch edit changes how it is looked for"


@pytest.mark.parametrize("command", [add, edit, list_, remove, try_name])
async def test_in_a_conversation_alone_nothing_is_watched(
    store: SqlStore, command: Handler
) -> None:
    with pytest.raises(InputInvalid, match="watched for a whole server"):
        await command(make_call(store, name="Fairphone", is_direct=True))


async def test_a_trial_changes_nothing(store: SqlStore) -> None:
    answer = await try_name(make_call(store, name="Orange"))

    assert "No recent headline has the name in it" in say(answer)
    assert "> /watch add has it watched" in say(answer)
    assert await store.find_watches() == ()


@pytest.mark.parametrize("subject", ["", ";", "Orange;x", "a;;;;;;", "%"])
async def test_a_button_that_says_nothing_we_know_is_refused(store: SqlStore, subject: str) -> None:
    choice = Choice("watch-add", subject, "Watch it")
    if subject == "%":  # a sign, and no name
        with pytest.raises(InputInvalid):
            await press(store, choice)
        return
    with pytest.raises(InputInvalid, match="That button is too old"):
        await press(store, choice)


@given(
    name=TEXTS,
    role=st.sampled_from(Role),
    aliases=st.lists(TEXTS, max_size=3),
    needs=st.lists(TEXTS, max_size=2),
    unless=st.lists(TEXTS, max_size=2),
)
def test_a_button_carries_the_whole_watch_or_nothing(
    name: str, role: Role, aliases: list[str], needs: list[str], unless: list[str]
) -> None:
    watch = own(name, role=role, aliases=tuple(aliases), needs=tuple(needs), unless=tuple(unless))

    packed = pack_or_none(watch)

    if packed is not None:
        assert len(packed) <= MAX_SUBJECT
        assert packed.isascii()
        assert unpack(packed, HERE) == watch


def test_what_a_button_calls_a_watch_by_is_short_ascii() -> None:
    assert digest_of("红米") == digest_of(" 红米 ")
    assert len(digest_of("红米")) == 16


async def test_several_names_at_once_are_refused_and_a_legal_form_is_not(store: SqlStore) -> None:
    with pytest.raises(InputInvalid, match="one company at a time: first Orange, then SFR"):
        await add(make_call(store, name="Orange, SFR"))
    assert await store.find_watches() == ()

    answer = await add(make_call(store, name="Fairphone Example Co., Ltd."))

    assert answer.tone is Tone.DONE


async def test_of_channels_that_somebody_may_not_know_of_only_the_number_is_told(
    store: SqlStore,
) -> None:
    await store.save_watch(own("Orange"), now=NOW)
    for channel in ("c1", "c2", "c3"):
        place = replace(CHANNEL, channel=channel)
        await store.subscribe(Subscription(place, companies=("orange",)), now=NOW)

    async def sees(place: Destination) -> bool:
        return place.channel == "c1"

    said = say(await remove(replace(make_call(store, name="Orange"), sees=sees)))

    assert "<#c1> asks for it by name" in said
    assert "2 channels that you are not in ask for it by name" in said
    assert "c2" not in said
    assert "c3" not in said


async def test_an_everyday_name_with_needs_is_watched_without_a_question(store: SqlStore) -> None:
    answer = await add(make_call(store, name="Orange", role="carrier", needs="telecom, 5G"))

    assert (answer.title, answer.tone) == ("Orange is watched from now on", Tone.CAUTION)
    assert "it counts only beside telecom or 5G." in say(answer)
    assert "with needs" not in say(answer)
    assert len(await store.find_watches()) == 1


async def test_an_everyday_name_with_unless_is_asked_about_and_pointed_to_needs(
    store: SqlStore,
) -> None:
    answer = await add(make_call(store, name="Orange", unless="juice"))

    assert answer.title == "Watch Orange?"
    assert "> /watch add with needs makes it surer" in say(answer)
