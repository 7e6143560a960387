"""discord.py sends what was drawn, and keeps nothing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import discord

from bot.commands.answer import Answer, Choice, Choices, File, Lines
from bot.model import Digest
from bot.platforms.discord import components as make
from bot.platforms.discord.answers import draw_answer
from bot.platforms.discord.card import draw_post
from bot.platforms.discord.components import Drawn
from bot.platforms.discord.digest import draw_digest
from bot.platforms.discord.views import (
    make_buttons,
    make_files,
    make_look,
    make_mentions,
    make_new_look,
    make_view,
)
from tests.builders import delivery, message

ANSWER = Answer(
    "Exported",
    (
        Lines(("Take it home.",)),
        File("feeds.opml", b"<opml/>", "text/x-opml"),
        Choices((Choice("undo", "1", "Undo", is_risky=True),)),
    ),
)
TOLD = message(headline="https://wire.example/")
POST = draw_post(delivery(), TOLD)
CALLED = draw_post(replace(delivery(), ping="77"), TOLD)
CALLED_ALL = draw_digest(replace(delivery(), ping="77"), Digest((TOLD, TOLD)))
DRAWN = (
    POST,
    draw_digest(delivery(), Digest((message(), message()))),
    draw_answer(ANSWER),
    Drawn((make.separator(),), gist=""),
)


async def test_a_view_sends_the_components_as_they_were_drawn() -> None:
    for drawn in DRAWN:
        view: Any = make_view(drawn.components)
        assert view.to_components() == list(drawn.components)


async def test_the_buttons_of_an_ordinary_message_keep_their_rows() -> None:
    for drawn in (CALLED, CALLED_ALL):
        view: Any = make_buttons(drawn.components)
        assert view.to_components() == list(drawn.components)
        assert not view.has_components_v2()
    assert len(CALLED.components) == 2


async def test_a_view_has_stopped_listening_before_it_is_sent() -> None:
    assert all(make_look(drawn)["view"].is_finished() for drawn in (*DRAWN, CALLED))


async def test_words_go_with_an_ordinary_message_alone_and_links_unfold_nowhere() -> None:
    assert make_look(CALLED)["content"] == CALLED.content
    assert make_new_look(CALLED).keys() - make_look(CALLED).keys() == {"suppress_embeds"}
    assert make_new_look(POST).keys() == {"view", "allowed_mentions"}


async def test_mentions_are_those_that_were_drawn() -> None:
    posted, listed = (cast("Any", make_mentions(drawn)).to_dict() for drawn in (CALLED, POST))
    assert posted == {"parse": [], "roles": [77]}
    assert listed == {"parse": []}


async def test_files_can_be_made_again_for_a_second_try() -> None:
    for _ in range(2):
        (file,) = make_files(DRAWN[2])
        assert (file.filename, file.fp.read()) == ("feeds.opml", b"<opml/>")
        assert file.uri == "attachment://feeds.opml"


def test_the_flag_is_that_of_the_library() -> None:
    assert discord.MessageFlags(components_v2=True).value == make.IS_COMPONENTS_V2
    assert discord.MessageFlags(suppress_embeds=True).value == make.SUPPRESS_EMBEDS
