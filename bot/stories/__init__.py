"""The same news across outlets: names of outlets, telling words, stories that grow."""

from bot.stories.cluster import edit_story, join_story, open_story
from bot.stories.finding import Joined, find_story
from bot.stories.fingerprint import make_words
from bot.stories.index import StoryIndex
from bot.stories.lines import ClusterLines
from bot.stories.outlets import OutletNames
from bot.stories.report import Report
from bot.stories.similarity import WINDOW

__all__ = [
    "WINDOW",
    "ClusterLines",
    "Joined",
    "OutletNames",
    "Report",
    "StoryIndex",
    "edit_story",
    "find_story",
    "join_story",
    "make_words",
    "open_story",
]
