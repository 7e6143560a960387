"""The life of a story: opened, joined, edited."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Event
from bot.stories import edit_story, join_story, open_story
from tests.builders import NOW, match
from tests.stories.reports import DAY, HOUR, HUAWEI, only, opened, report


def test_a_new_story_is_its_first_report() -> None:
    first = report()

    story = open_story(first, summary="It fell through.", is_history=True)

    assert (story.headline, story.outlet, story.link) == (HUAWEI, "Example Wire", first.entry.link)
    assert (story.summary, story.is_history, story.revision) == ("It fell through.", True, 1)
    assert (story.makers, story.carriers, story.is_pair) == (("huawei",), ("att",), True)
    assert [told.outlet for told in story.coverage] == ["Example Wire"]
    assert story.words == first.words


def test_a_storys_id_is_short_and_follows_from_the_entry() -> None:
    assert opened().id == opened(report(after=DAY)).id
    assert opened().id != opened(report(feed_id=2)).id
    assert opened().id != opened(report("Another title")).id
    assert len(opened().id) == 10
    assert opened().id.isalnum()


# Joining


def test_a_new_outlet_is_covered_and_raises_the_revision() -> None:
    later = report("AT&T drops Huawei", outlet="Meridian", after=HOUR, feed_id=2)

    story = join_story(opened(), later, reason="because")

    assert [told.outlet for told in story.also_covered_by] == ["Meridian"]
    assert (story.revision, story.updated_at) == (2, NOW + HOUR)
    assert story.reasons == ("because",)
    assert (story.headline, story.outlet) == (HUAWEI, "Example Wire")


def test_the_same_entry_twice_changes_nothing() -> None:
    story = join_story(opened(), report("AT&T drops Huawei", outlet="M", feed_id=2), reason="r")

    again = report("AT&T drops Huawei", outlet="M", feed_id=2, after=DAY)

    assert join_story(story, again, reason="r again") is story
    assert join_story(story, report(after=DAY), reason="opened it") is story


def test_an_outlet_is_listed_once_and_its_second_report_shows_nothing_new() -> None:
    second = report("Huawei and AT&T: what went wrong", after=HOUR)

    story = join_story(opened(), second, reason="alike")

    assert len(story.coverage) == 1
    assert (story.revision, story.reasons) == (1, ())
    assert story.updated_at == NOW + HOUR
    assert "wrong" in story.words
    assert join_story(story, second, reason="alike") == story


def test_new_companies_and_a_first_pair_raise_the_revision() -> None:
    story = opened(report(verdict=only("huawei")))

    paired = join_story(story, report("Other", after=HOUR), reason="names AT&T")

    assert (paired.carriers, paired.is_pair, paired.revision) == (("att",), True, 2)
    assert paired.reasons == ("names AT&T",)


def test_companies_are_united_in_order_of_appearance() -> None:
    story = join_story(
        opened(),
        report("Other", outlet="M", verdict=only("xiaomi", "huawei", carriers=("verizon",))),
        reason="r",
    )

    assert story.makers == ("huawei", "xiaomi")
    assert story.carriers == ("att", "verizon")
    assert story.is_pair


def test_an_event_that_was_unclear_becomes_clear_once() -> None:
    story = opened(report(verdict=only("huawei", event=Event.OTHER)))
    story = join_story(story, report("B", outlet="B", verdict=only("huawei")), reason="")
    assert story.event is Event.LAUNCH

    story = join_story(story, report("C", outlet="C", verdict=match()), reason="")
    assert story.event is Event.LAUNCH


def test_a_live_report_makes_history_live_and_not_the_reverse() -> None:
    history = opened(is_history=True)
    live = report("B", outlet="B")

    assert not join_story(history, live, reason="").is_history
    assert join_story(history, live, reason="", is_history=True).is_history
    assert not join_story(opened(), live, reason="", is_history=True).is_history


def test_words_that_more_titles_have_come_first() -> None:
    story = opened(report("Alpha beta gamma phones"))

    story = join_story(story, report("Gamma delta", outlet="B"), reason="")

    assert story.words[0] == "gamma"
    assert set(story.words) == {"alpha", "beta", "gamma", "phon", "delta"}


# Editing


def test_the_speaking_entrys_edit_is_shown() -> None:
    edited = report(after=HOUR)
    edited = replace(edited, entry=replace(edited.entry, title="Huawei and AT&T part ways"))

    story = edit_story(opened(), edited, summary="They part.")

    assert (story.headline, story.summary) == ("Huawei and AT&T part ways", "They part.")
    assert (story.revision, story.updated_at) == (2, NOW)
    assert story.coverage[0].title == "Huawei and AT&T part ways"
    assert story.reasons == ("Example Wire edited its report",)


def test_an_edit_that_shows_nothing_new_keeps_the_revision() -> None:
    assert edit_story(opened(), report(after=HOUR), summary="It fell through.").revision == 1


def test_another_outlets_edit_changes_its_line_alone() -> None:
    second = report("AT&T drops Huawei", outlet="M", feed_id=2)
    story = join_story(opened(), second, reason="")
    edited = replace(second, entry=replace(second.entry, link="https://m.example/2"))

    changed = edit_story(story, edited, summary="Not mine to say.")

    assert (changed.headline, changed.summary) == (HUAWEI, "It fell through.")
    assert changed.also_covered_by[0].link == "https://m.example/2"
    assert changed.revision == story.revision + 1


def test_an_edit_of_an_entry_outside_the_story_changes_nothing() -> None:
    story = opened()

    assert edit_story(story, report("Elsewhere"), summary="x") is story
