from __future__ import annotations

from bot.matching import Watchers
from bot.matching.watches import company_of
from bot.model import Catalogue, Platform, Role, Watch
from tests.builders import story

HERE = (Platform.SLACK, "T1")
THERE = (Platform.DISCORD, "9")
FAIRPHONE = Watch("Fairphone", role=Role.MAKER, platform=HERE[0], workspace=HERE[1])
ORANGE = Watch("Orange", platform=THERE[0], workspace=THERE[1])
FAIRPHONE_ID = company_of(FAIRPHONE).id


def test_news_of_a_watch_is_for_its_workspace(catalogue: Catalogue) -> None:
    watchers = Watchers(catalogue, [FAIRPHONE, ORANGE])
    news = story(is_relevant=False, watched=(FAIRPHONE_ID,), makers=(FAIRPHONE_ID,), carriers=())

    assert watchers.is_for(news, *HERE)
    assert not watchers.is_for(news, *THERE)
    assert not watchers.is_for(news, Platform.CONSOLE, "")


def test_news_for_everybody_is_for_those_who_watch_nothing(catalogue: Catalogue) -> None:
    assert Watchers(catalogue).is_for(story(), Platform.CONSOLE, "")


def test_names_that_only_others_watch_are_out_of_view(catalogue: Catalogue) -> None:
    watchers = Watchers(catalogue, [FAIRPHONE, ORANGE])
    told = story(makers=("huawei", FAIRPHONE_ID), others=("orange",), watched=(FAIRPHONE_ID,))

    here, there = watchers.view(told, *HERE), watchers.view(told, *THERE)

    assert (here.makers, here.others, here.watched) == (told.makers, (), (FAIRPHONE_ID,))
    assert (there.makers, there.others, there.watched) == (("huawei",), ("orange",), ())
    assert here.is_pair
    assert there.is_pair


def test_a_pair_is_one_where_both_are_in_view(catalogue: Catalogue) -> None:
    watchers = Watchers(catalogue, [FAIRPHONE])
    told = story(makers=(FAIRPHONE_ID,), carriers=("att",), is_pair=True)

    assert watchers.view(told, *HERE).is_pair
    assert not watchers.view(told, *THERE).is_pair


def test_the_same_watch_in_two_workspaces_is_looked_for_once(catalogue: Catalogue) -> None:
    again = Watch("orange", platform=HERE[0], workspace=HERE[1])

    watchers = Watchers(catalogue, [ORANGE, again])

    assert [company.id for company in watchers.companies] == ["orange"]
    assert watchers.ids_of(*HERE) == watchers.ids_of(*THERE) == ("orange",)


def test_a_workspace_asks_by_the_names_it_watches(catalogue: Catalogue) -> None:
    watchers = Watchers(catalogue, [FAIRPHONE, ORANGE])

    assert watchers.catalogue_of(*HERE).name_of(FAIRPHONE_ID) == "Fairphone"
    assert "orange" not in watchers.catalogue_of(*HERE).companies
    assert watchers.catalogue.name_of("orange") == "Orange"


def test_a_watch_never_takes_the_place_of_a_company_of_the_catalogue(catalogue: Catalogue) -> None:
    later_known = Watch("Huawei", platform=HERE[0], workspace=HERE[1])

    watchers = Watchers(catalogue, [later_known, Watch("")])

    assert watchers.companies == ()


def test_a_pair_with_a_company_that_only_others_watch_is_no_pair_here(
    catalogue: Catalogue,
) -> None:
    ours = Watch("Orange", platform=Platform.SLACK, workspace="T1")
    theirs = Watch("Telia", role=Role.CARRIER, platform=Platform.SLACK, workspace="T2")
    watchers = Watchers(catalogue, [ours, theirs])
    telia = company_of(theirs).id
    told = story(makers=("huawei",), carriers=(telia, "verizon"), is_pair_to_all=False)

    assert not watchers.view(told, Platform.SLACK, "T1").is_pair
    assert watchers.view(told, Platform.SLACK, "T2").is_pair


def test_a_watch_that_the_catalogue_came_to_know_is_passed_over(catalogue: Catalogue) -> None:
    assert Watchers(catalogue, [Watch("ZTE"), Watch("one plus")]).companies == ()
