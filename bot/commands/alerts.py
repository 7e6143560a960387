"""The rows of ``/alerts``: what a channel hears, when, and what it does not want to hear."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.command import Command, Handler, Need, Option, OptionKind, Pick, Words
from bot.commands.muting import mute, unmute
from bot.commands.pausing import pause, resume
from bot.commands.previewing import preview
from bot.commands.subscribing import (
    change_settings,
    list_subscriptions,
    subscribe,
    unsubscribe,
)
from bot.model import Rhythm, Scope

_CHANNEL = Option(
    "channel",
    "频道",
    OptionKind.CHANNEL,
    Words("Where; this channel if left out", "在哪个频道；不填则为当前频道"),
)
_FILTERS = (
    Option(
        "scope",
        "范围",
        OptionKind.PICK,
        Words("Which stories; any if left out", "哪些新闻；不填则为全部"),
        picks=(
            Pick(Scope.ANY, Words("any: handset makers or carriers", "全部：手机厂商或运营商")),
            Pick(Scope.MAKERS, Words("makers: a handset maker is named", "厂商：提到手机厂商")),
            Pick(Scope.CARRIERS, Words("carriers: a carrier is named", "运营商：提到运营商")),
            Pick(Scope.PAIR, Words("pair: a maker with a carrier", "组合：厂商与运营商同时出现")),
        ),
    ),
    Option(
        "events",
        "事件",
        OptionKind.EVENTS,
        Words("Only these, as in: deals, bans", "只要这些事件，例如：deals, bans"),
    ),
    Option(
        "companies",
        "公司",
        OptionKind.COMPANIES,
        Words("Only about these, as in: Huawei, AT&T", "只要这些公司，例如：Huawei, AT&T"),
    ),
    Option(
        "min_outlets",
        "最少媒体数",
        OptionKind.WHOLE,
        Words(
            "Wait until so many outlets tell it, 1 to 10",
            "至少有这么多家媒体报道后才发，1 到 10",
        ),
        least=1,
        most=10,
    ),
)
_TIMING = (
    Option(
        "mode",
        "方式",
        OptionKind.PICK,
        Words("When posts come; live if left out", "何时发送；不填则为即时"),
        picks=(
            Pick(Rhythm.LIVE, Words("live: each story at once", "即时：每条新闻立刻发送")),
            Pick(Rhythm.HOURLY, Words("hourly: one post an hour", "每小时：一小时合并为一条")),
            Pick(Rhythm.DAILY, Words("daily: one post a day", "每天：一天合并为一条")),
        ),
    ),
    Option(
        "at",
        "时间",
        OptionKind.TEXT,
        Words(
            "When the daily post comes, as in 9:00 or 9am; the minute of an hourly one",
            "每日消息的时间，例如 9:00；每小时模式下只取分钟",
        ),
    ),
    Option(
        "time_zone",
        "时区",
        OptionKind.TIME_ZONE,
        Words("Whose clock, as in: Europe/Berlin or Berlin", "时区，例如：Asia/Shanghai"),
    ),
    Option(
        "quiet_hours",
        "免打扰",
        OptionKind.TEXT,
        Words(
            "No posts then, as in 22:00-07:00; they come after it. none: no quiet hours",
            "此时段不发送，例如 22:00-07:00，之后合并发送；none 表示取消",
        ),
    ),
)
_CALLING = (
    Option(
        "mention",
        "提及",
        OptionKind.ROLE,
        Words("Whom posts call: a role or group", "新闻消息要提及的身份组或用户组"),
    ),
    Option(
        "mention_for",
        "提及条件",
        OptionKind.TEXT,
        Words(
            "Which stories call it: all, pairs, or events as in deals, bans; none: nobody",
            "哪些新闻才提及：all、pairs 或事件（如 deals, bans）；none 表示不提及",
        ),
    ),
    Option(
        "thread",
        "子区",
        OptionKind.YES,
        Words(
            "Whether follow-ups go into a thread of the story",
            "后续报道是否放进该新闻的子区",
        ),
    ),
)
_WISHES = (_CHANNEL, *_FILTERS, *_TIMING, *_CALLING)
_SUBJECT = Option(
    "subject",
    "对象",
    OptionKind.SUBJECT,
    Words(
        "A company, an outlet, or a story by its #id or link",
        "公司、媒体，或新闻的 #编号、链接",
    ),
    is_required=True,
)


def _for(help_: Words) -> Option:
    return Option("for", "时长", OptionKind.TEXT, help_)


def _command(
    verb: Words,
    help_: Words,
    run: Handler,
    options: tuple[Option, ...] = (),
    *,
    has_form: bool = False,
) -> Command:
    """Looking needs the right too: it tells of channels that not everybody may see."""
    return Command(
        "alerts",
        verb.en,
        "提醒",
        verb.zh,
        help_,
        run,
        options=options,
        need=Need.CHANNELS,
        is_for_servers=True,
        has_form=has_form,
    )


ALERTS: tuple[Command, ...] = (
    _command(
        Words("subscribe", "订阅"),
        Words(
            "Have news posted in a channel; says how much to expect",
            "在频道中接收新闻，并告诉你大概有多少条",
        ),
        subscribe,
        _WISHES,
        has_form=True,
    ),
    _command(
        Words("unsubscribe", "退订"),
        Words("Post no more news in a channel", "不再向频道发送新闻"),
        unsubscribe,
        (_CHANNEL,),
    ),
    _command(
        Words("list", "列表"),
        Words("The channels here that get news", "此处接收新闻的频道"),
        list_subscriptions,
        (
            Option(
                "changes",
                "更改",
                OptionKind.YES,
                Words("Show who changed what lately instead", "改为查看最近谁更改了什么"),
            ),
        ),
    ),
    _command(
        Words("settings", "设置"),
        Words(
            "Show what a channel gets, or change what you name; none clears",
            "查看频道的设置，或修改填写的项目；none 表示清除",
        ),
        change_settings,
        _WISHES,
        has_form=True,
    ),
    _command(
        Words("pause", "暂停"),
        Words("Hold all posts back for a while", "暂停发送一段时间"),
        pause,
        (
            _for(
                Words(
                    "How long, as in 2h, 3d or until 9:00; until resumed if left out",
                    "多久，例如 2h、3d 或 until 9:00；不填则直到恢复",
                )
            ),
            _CHANNEL,
        ),
        has_form=True,
    ),
    _command(
        Words("resume", "恢复"),
        Words(
            "Post again; what came meanwhile comes as one post",
            "恢复发送；期间的新闻合并为一条",
        ),
        resume,
        (_CHANNEL,),
    ),
    _command(
        Words("mute", "静音"),
        Words(
            "Hear no more of a company, a story or an outlet here",
            "此处不再接收某公司、某新闻或某媒体",
        ),
        mute,
        (
            _SUBJECT,
            _for(
                Words(
                    "How long, as in 24h or 7d; for good if left out. off: unmute",
                    "多久，例如 24h、7d；不填则一直；off 表示取消",
                )
            ),
            _CHANNEL,
        ),
        has_form=True,
    ),
    _command(
        Words("unmute", "取消静音"),
        Words("Hear of it again", "重新接收"),
        unmute,
        (
            replace(
                _SUBJECT, kind=OptionKind.MUTED, help=Words("What was muted", "之前静音的对象")
            ),
            _CHANNEL,
        ),
        has_form=True,
    ),
    _command(
        Words("preview", "预览"),
        Words(
            "What a channel would have got in the last 30 days",
            "过去 30 天频道本会收到哪些新闻",
        ),
        preview,
        (_CHANNEL, *_FILTERS),
    ),
)
