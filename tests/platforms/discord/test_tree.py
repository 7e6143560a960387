"""The table drawn as Discord's commands: what Discord is told, held against its rules."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from bot.commands.command import Command, Need, Option, OptionKind, Pick, Words
from bot.commands.table import TABLE
from bot.platforms.discord.sync import hash_payload, make_payload
from bot.platforms.discord.translate import TableTranslator
from bot.platforms.discord.tree import MAX_TEXT, make_groups
from tests.conftest import ROOT
from tests.platforms.discord.rows import option, row, say_hello
from tests.servers.discord import definitions

MANAGE_CHANNELS, MANAGE_GUILD = str(1 << 4), str(1 << 5)


async def never(*_: Any) -> Any:
    raise AssertionError


async def draw(*table: Command) -> dict[str, dict[str, Any]]:
    """What Discord would be told, by noun."""
    client = discord.Client(intents=discord.Intents.none())
    tree = app_commands.CommandTree(client)
    await tree.set_translator(TableTranslator())
    for group in make_groups(table, use=never, suggest=never):
        tree.add_command(group)
    return {one["name"]: one for one in await make_payload(tree)}


async def draw_option(made: Option) -> dict[str, Any]:
    drawn = await draw(row("it", say_hello, made))
    found: dict[str, Any] = drawn["try"]["options"][0]["options"][0]
    return found


async def test_every_row_of_the_table_is_a_command_within_discords_rules() -> None:
    drawn = await draw(*TABLE)

    definitions.check_all(list(drawn.values()))
    told = {(noun, verb["name"]) for noun, one in drawn.items() for verb in one["options"]}
    assert told == {(one.noun, one.verb) for one in TABLE}


def test_the_manual_has_every_command() -> None:
    manual = (ROOT / "docs" / "discord.md").read_text(encoding="utf-8")

    missing = [one for one in TABLE if f"`/{one.noun} {one.verb}`" not in manual]
    assert missing == []


async def test_each_noun_keeps_a_fifth_of_its_8000_characters_free() -> None:
    sizes = {noun: definitions.count_characters(one) for noun, one in (await draw(*TABLE)).items()}

    assert max(sizes.values()) <= 6400, sizes


async def test_one_more_row_is_one_more_command() -> None:
    before = await draw(*TABLE)
    after = await draw(*TABLE, row("dance", say_hello, noun="news"))

    names = {one["name"] for one in after["news"]["options"]}
    assert names - {one["name"] for one in before["news"]["options"]} == {"dance"}


async def test_all_words_are_there_in_chinese() -> None:
    def words_of(item: dict[str, Any], *, is_noun: bool = False) -> list[dict[str, Any]]:
        found = [item["name_localizations"]]
        if "description" in item and not is_noun:
            found.append(item["description_localizations"])
        inner = [*item.get("options", ()), *item.get("choices", ())]
        return [*found, *(words for one in inner for words in words_of(one))]

    drawn = await draw(*TABLE)

    found = [words for one in drawn.values() for words in words_of(one, is_noun=True)]
    assert len(found) > 200
    assert all(words.keys() == {"zh-CN"} and words["zh-CN"] for words in found)


async def test_what_has_chinese_words_shows_them_to_chinese_readers_alone() -> None:
    made = Option("since", "自", OptionKind.TEXT, Words("How far back", "从何时起"))

    drawn = await draw_option(made)

    assert (drawn["name"], drawn["description"]) == ("since", "How far back")
    assert drawn["name_localizations"] == {"zh-CN": "自"}
    assert drawn["description_localizations"] == {"zh-CN": "从何时起"}


@pytest.mark.parametrize(
    ("noun", "gate", "contexts", "installs"),
    [
        ("news", None, [0, 1], None),
        ("alerts", MANAGE_CHANNELS, [0], [0]),
        ("watch", MANAGE_CHANNELS, [0], [0]),
        ("feeds", MANAGE_GUILD, [0], [0]),
    ],
)
async def test_discord_shows_each_noun_to_those_who_may_use_it(
    noun: str, gate: str | None, contexts: list[int], installs: list[int] | None
) -> None:
    drawn = (await draw(*TABLE))[noun]

    given = drawn["default_member_permissions"]
    assert (None if given is None else str(given)) == gate
    assert (drawn["contexts"], drawn["integration_types"]) == (contexts, installs)


async def test_the_least_that_managing_needs_opens_the_whole_noun() -> None:
    drawn = await draw(
        row("look", say_hello),
        row("change", say_hello, need=Need.SERVER),
        row("stir", say_hello, need=Need.CHANNELS),
    )

    assert str(drawn["try"]["default_member_permissions"]) == MANAGE_CHANNELS


@pytest.mark.parametrize(
    ("made", "drawn"),
    [
        (option("words", OptionKind.TEXT), {"type": 3, "max_length": MAX_TEXT}),
        (option("limit", OptionKind.WHOLE, least=1, most=25), {"type": 4, "max_value": 25}),
        (option("loud", OptionKind.YES), {"type": 5}),
        (option("company", OptionKind.COMPANY), {"type": 3, "autocomplete": True}),
        (option("role", OptionKind.ROLE), {"type": 8}),
        (option("file", OptionKind.FILE, is_required=True), {"type": 11, "required": True}),
        (
            option("channel", OptionKind.CHANNEL),
            {"type": 7, "required": False, "channel_types": [0, 5, 15, 11, 12, 10]},
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Option) else "",
)
async def test_each_kind_of_option_is_one_of_discords(made: Option, drawn: dict[str, Any]) -> None:
    found = await draw_option(made)

    assert {key: found.get(key) for key in drawn} == drawn


async def test_picks_are_choices() -> None:
    picks = (Pick("live", Words("at once", "即时")), Pick("daily", Words("once a day", "每天")))

    found = await draw_option(option("mode", OptionKind.PICK, picks=picks))

    assert [(one["name"], one["value"]) for one in found["choices"]] == [
        ("at once", "live"), ("once a day", "daily")
    ]  # fmt: skip
    assert found["choices"][0]["name_localizations"] == {"zh-CN": "即时"}
    assert "max_length" not in found


async def test_an_option_may_be_called_as_a_word_of_python() -> None:
    assert (await draw_option(option("for", OptionKind.TEXT)))["name"] == "for"


async def test_the_same_table_has_the_same_hash_and_another_help_another() -> None:
    async def hash_of(words: Words) -> str:
        made = Command("try", "it", "try", "it", words, say_hello)
        return hash_payload(list((await draw(made)).values()))

    first = await hash_of(Words("One", "一"))

    assert first == await hash_of(Words("One", "一"))
    assert first != await hash_of(Words("One", "二"))


async def test_more_commands_than_discord_takes_are_refused() -> None:
    with pytest.raises(ValueError, match="has 26 commands; Discord takes 25"):
        await draw(*(row(f"v{number}", say_hello) for number in range(26)))
