"""The rows of ``/news``: questions that anybody may ask, in a channel or alone with the bot."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.asking import MAX_LISTED, SEARCH_SINCE, recent, search
from bot.commands.command import Command, Handler, Option, OptionKind, Words
from bot.commands.status import status
from bot.commands.telling import story, why

_SINCE = Option(
    "since",
    "自",
    OptionKind.TEXT,
    Words(
        "How far back, as in 36h, 7d, 2w, Monday or 2026-01-31; 7d if left out",
        "从何时起，例如 36h、7d、2w、周一 或 2026-01-31；不填则为 7d",
    ),
)
_RECENT = (
    Option(
        "company",
        "公司",
        OptionKind.COMPANY,
        Words("A company that the stories name", "新闻提到的公司"),
    ),
    Option(
        "with",
        "连同",
        OptionKind.COMPANY,
        Words("Another company that they name as well", "同时提到的另一家公司"),
    ),
    Option(
        "event",
        "事件",
        OptionKind.EVENTS,
        Words(
            "What happened, as in: deal, ban or sanction", "发生了什么，例如：deal, ban or sanction"
        ),
    ),
    _SINCE,
    Option(
        "limit",
        "数量",
        OptionKind.WHOLE,
        Words("At most so many, 1 to 25; 10 if left out", "最多显示多少条，1 到 25；不填则为 10"),
        least=1,
        most=MAX_LISTED,
    ),
)
_WORDS = Option(
    "words",
    "词语",
    OptionKind.TEXT,
    Words("Words of a headline or a summary, in any order", "标题或摘要中的词语，顺序不限"),
    is_required=True,
)
_STORY = Option(
    "story",
    "报道",
    OptionKind.STORY,
    Words(
        "Its id, as in #abcdefghi2, or words of its headline",
        "编号，例如 #abcdefghi2，或标题中的词语",
    ),
    is_required=True,
)
_ABOUT = Option(
    "about",
    "关于",
    OptionKind.STORY,
    Words("A headline, a link to a report, or the id of a story", "标题、报道的链接或编号"),
    is_required=True,
)


def _command(verb: Words, help_: Words, run: Handler, options: tuple[Option, ...] = ()) -> Command:
    """What cannot do without something has a form."""
    has_form = any(option.is_required for option in options)
    return Command("news", verb.en, "新闻", verb.zh, help_, run, options, has_form=has_form)


NEWS: tuple[Command, ...] = (
    _command(
        Words("recent", "最近"),
        Words(
            "What happened lately: of everything, or of a company",
            "最近发生了什么：全部，或某家公司",
        ),
        recent,
        _RECENT,
    ),
    _command(
        Words("search", "搜索"),
        Words("Stories with certain words in them", "含有某些词语的新闻"),
        search,
        (
            _WORDS,
            replace(
                _SINCE,
                help=Words(
                    f"How far back, as in 36h, 2w, Monday, 2026-01-31; {SEARCH_SINCE} if not said",
                    f"从何时起，例如 36h、7d、周一 或 2026-01-31；不填则为 {SEARCH_SINCE}",
                ),
            ),
        ),
    ),
    _command(
        Words("story", "报道"),
        Words("One story in full, with every report of it", "一条新闻的全部内容和所有报道"),
        story,
        (_STORY,),
    ),
    _command(
        Words("why", "原因"),
        Words("Why something was posted, or was not", "为什么发了，或为什么没发"),
        why,
        (_ABOUT,),
    ),
    _command(
        Words("status", "状态"),
        Words("How the bot is doing", "机器人的运行情况"),
        status,
    ),
)
"""Without ``/news help``, which tells of the whole table and is made there."""
