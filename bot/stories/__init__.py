"""The same news across outlets: names of outlets, telling words, stories that grow."""

from bot.stories.cluster import edit_story, join_story, open_story
from bot.stories.finding import Joined, find_story
from bot.stories.fingerprint import make_words
from bot.stories.index import StoryIndex
from bot.stories.lines import ClusterLines
from bot.stories.outlets import OutletNames
from bot.stories.repair import Repair, RepairOrder, Told, merge_stories, split_story
from bot.stories.report import Report
from bot.stories.similarity import WINDOW
from bot.stories.terms import (
    CANDIDATES_PER_TERM,
    TERM_RULE,
    choose_for_all,
    terms_in_common,
    terms_of_report,
    terms_of_story,
)
from bot.stories.turns import OPENED, Place, find_place

__all__ = [
    "CANDIDATES_PER_TERM",
    "OPENED",
    "TERM_RULE",
    "WINDOW",
    "ClusterLines",
    "Joined",
    "OutletNames",
    "Place",
    "Repair",
    "RepairOrder",
    "Report",
    "StoryIndex",
    "Told",
    "choose_for_all",
    "edit_story",
    "find_place",
    "find_story",
    "join_story",
    "make_words",
    "merge_stories",
    "open_story",
    "split_story",
    "terms_in_common",
    "terms_of_report",
    "terms_of_story",
]
