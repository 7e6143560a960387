"""The rows of ``/watch``: companies that a workspace watches besides those of the catalogue."""

from __future__ import annotations

from bot.commands.command import Command, Handler, Need, Option, OptionKind, Pick, Words
from bot.commands.watchanswers import add, edit, list_, remove, test
from bot.model import Role

_ROLE = Option(
    "role",
    "类型",
    OptionKind.PICK,
    Words(
        "A maker or carrier takes part in pairs; other if left out",
        "厂商或运营商会参与组合；不填则为其他",
    ),
    picks=(
        Pick(Role.MAKER, Words("handset maker", "手机厂商")),
        Pick(Role.CARRIER, Words("carrier", "运营商")),
        Pick(Role.OTHER, Words("another company", "其他公司")),
    ),
)
_ALIASES = Option(
    "aliases",
    "别名",
    OptionKind.TEXT,
    Words("Other names it goes by, with commas between", "其他名称，用逗号分隔"),
)
_NEEDS = Option(
    "needs",
    "需含",
    OptionKind.TEXT,
    Words(
        "Count it only beside one of these words, with commas between",
        "只在与这些词之一同时出现时才算，用逗号分隔",
    ),
)
_UNLESS = Option(
    "unless",
    "排除",
    OptionKind.TEXT,
    Words(
        "Never count it beside these words, with commas between",
        "与这些词同时出现时不算，用逗号分隔",
    ),
)


def _name(kind: OptionKind, help_: Words) -> Option:
    return Option("name", "名称", kind, help_, is_required=True)


_WATCHED = _name(OptionKind.WATCH, Words("A company watched here", "此处关注的公司"))


def _command(
    verb: Words,
    help_: Words,
    run: Handler,
    options: tuple[Option, ...] = (),
    need: Need = Need.CHANNELS,
) -> Command:
    """Whatever asks for something has a form: all but the list."""
    return Command(
        "watch",
        verb.en,
        "关注",
        verb.zh,
        help_,
        run,
        options=options,
        need=need,
        is_for_servers=True,
        has_form=bool(options),
    )


WATCH: tuple[Command, ...] = (
    _command(
        Words("add", "添加"),
        Words(
            "Watch a company for everybody here: a name is enough",
            "为此处所有人关注一家公司：填名称即可",
        ),
        add,
        (
            _name(
                OptionKind.TEXT,
                Words(
                    "As headlines write it: Fairphone, Back Market",
                    "按新闻标题的写法，例如 Fairphone",
                ),
            ),
            _ROLE,
            _ALIASES,
            _NEEDS,
            _UNLESS,
        ),
    ),
    _command(
        Words("remove", "移除"),
        Words("Watch a company no more", "不再关注一家公司"),
        remove,
        (_WATCHED,),
    ),
    _command(
        Words("list", "列表"),
        Words("The companies watched here", "此处关注的公司"),
        list_,
        need=Need.NOTHING,
    ),
    _command(
        Words("edit", "修改"),
        Words(
            "Change how a company is looked for; none empties a list", "修改查找方式；none 表示清空"
        ),
        edit,
        (_WATCHED, _ROLE, _ALIASES, _NEEDS, _UNLESS),
    ),
    _command(
        Words("test", "测试"),
        Words(
            "What a name would find among recent headlines; nothing is changed",
            "试一个名称能找到哪些近期标题；不做任何更改",
        ),
        test,
        (
            _name(
                OptionKind.WATCH,
                Words("Any name, or a company watched here", "任意名称，或此处关注的公司"),
            ),
            _ALIASES,
            _NEEDS,
            _UNLESS,
        ),
        need=Need.NOTHING,
    ),
)
