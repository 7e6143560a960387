"""A story as people read it."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Catalogue, Company, Role, Source
from bot.summaries import make_message
from tests.builders import coverage, message, story

CATALOGUE = Catalogue(
    companies={
        "huawei": Company("huawei", "Huawei", Role.MAKER),
        "att": Company("att", "AT&T", Role.CARRIER),
    }
)


def test_a_message_has_names_where_the_story_has_ids() -> None:
    assert make_message(story(), CATALOGUE) == message()


def test_a_company_gone_from_the_catalogue_keeps_its_id() -> None:
    made = make_message(story(makers=("huawei", "coolpad"), others=("foo",)), CATALOGUE)

    assert (made.makers, made.others) == (("Huawei", "coolpad"), ("foo",))


def test_other_outlets_follow_each_once_with_its_link() -> None:
    told = (coverage(), coverage("Meridian"), coverage("Meridian", link=None), coverage("Post"))

    made = make_message(story(coverage=told, revision=3), CATALOGUE)

    assert made == replace(
        message(),
        revision=3,
        also=(
            Source("Meridian", "https://meridian.example/1"),
            Source("Post", "https://post.example/1"),
        ),
    )
