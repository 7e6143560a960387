"""The rows of ``/feeds``: the addresses that are polled, for those who manage a workspace."""

from __future__ import annotations

from bot.commands.command import Command, Handler, Need, Option, OptionKind, Words
from bot.commands.feedlists import export, import_, list_
from bot.commands.health import health
from bot.commands.sources import add, remove

_ADDRESS = Option(
    "address",
    "地址",
    OptionKind.TEXT,
    Words("Of a feed, or of a page that has one", "订阅源的地址，或含有订阅源的网页地址"),
    is_required=True,
)
_TITLE = Option(
    "title",
    "标题",
    OptionKind.TEXT,
    Words("A name for lists; the feed's own if left out", "在列表中的名称；不填则用其自带标题"),
)
_FEED = Words("Its address, or its number as in #12", "地址，或编号，例如 #12")
_LIST = Option(
    "file",
    "文件",
    OptionKind.FILE,
    Words("OPML of a feed reader, or an address a line", "阅读器导出的 OPML，或每行一个地址"),
    is_required=True,
)


def _command(verb: Words, help_: Words, run: Handler, options: tuple[Option, ...] = ()) -> Command:
    """What cannot do without something has a form."""
    return Command(
        "feeds",
        verb.en,
        "订阅源",
        verb.zh,
        help_,
        run,
        options,
        Need.SERVER,
        is_for_servers=True,
        has_form=any(option.is_required for option in options),
    )


FEEDS: tuple[Command, ...] = (
    _command(
        Words("add", "添加"),
        Words("Read one more feed; a page's feed is found", "多读一个订阅源；可从网页中找到"),
        add,
        (_ADDRESS, _TITLE),
    ),
    _command(
        Words("remove", "移除"),
        Words("Stop reading a feed that was added here", "不再读此处添加的订阅源"),
        remove,
        (Option("feed", "订阅源", OptionKind.FEED, _FEED, is_required=True),),
    ),
    _command(
        Words("list", "列表"),
        Words("Which feeds are read", "正在读哪些订阅源"),
        list_,
        (
            Option(
                "page",
                "页",
                OptionKind.WHOLE,
                Words("Which page of the list", "列表的第几页"),
                least=1,
                most=1000,
            ),
        ),
    ),
    _command(
        Words("health", "健康"),
        Words("How the feeds are doing, the sick first", "各订阅源的情况，有问题的在前"),
        health,
        (Option("feed", "订阅源", OptionKind.FEED, _FEED),),
    ),
    _command(
        Words("import", "导入"),
        Words("Read every feed of a list", "读一份列表中的全部订阅源"),
        import_,
        (_LIST,),
    ),
    _command(
        Words("export", "导出"),
        Words("All feeds as a file for any feed reader", "导出全部订阅源，供任何阅读器使用"),
        export,
    ),
)
