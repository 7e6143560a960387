"""What the pages say, in English and in Simplified Chinese."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.commands.command import Words
from bot.commands.troubles import tell_gap, tell_interval, tell_trouble
from bot.errors import Trouble
from bot.model import DeliveryState, Event, Feed, TieKind
from bot.model.condition import Condition

LANGUAGES = {"en": "English", "zh": "中文"}
HTML_LANG = {"en": "en", "zh": "zh-Hans"}

WORDS = {
    "title": Words("newsbot", "newsbot"),
    "skip": Words("Skip to the content", "跳到正文"),
    "sections": Words("Sections", "栏目"),
    "stories": Words("Stories", "新闻"),
    "matrix": Words("Who with whom", "厂商 × 运营商"),
    "feeds": Words("Feeds", "订阅源"),
    "deliveries": Words("Deliveries", "推送"),
    "language": Words("Language", "语言"),
    "leave": Words("Log out", "退出"),
    "times": Words("All times are UTC.", "时间均为 UTC。"),
    "as_feed": Words("These stories as a feed:", "订阅这些新闻："),
    "feed_note": Words(
        "Whoever has one of these two addresses can read the stories, and nothing else here.",
        "持有这两个地址的人只能读取新闻，不能查看其他页面。",
    ),
    # The time line.
    "filter": Words("Filter", "筛选"),
    "maker": Words("Maker", "厂商"),
    "carrier": Words("Carrier", "运营商"),
    "kind": Words("Kind", "类型"),
    "outlet": Words("Outlet", "媒体"),
    "text": Words("Words", "关键词"),
    "period": Words("Period", "时间"),
    "pairs_only": Words("Pairs only", "仅配对"),
    "any_maker": Words("Any", "全部"),
    "makers": Words("Handset makers", "手机厂商"),
    "others": Words("Watched besides", "另外关注"),
    "ever": Words("Any time", "不限"),
    "days_1": Words("24 hours", "24 小时"),
    "days_7": Words("7 days", "7 天"),
    "days_30": Words("30 days", "30 天"),
    "days_90": Words("90 days", "90 天"),
    "show": Words("Show", "显示"),
    "clear": Words("Show all", "显示全部"),
    "none": Words("No story fits.", "没有符合条件的新闻。"),
    "none_yet": Words(
        "No story yet. The first poll of a feed is history; what comes after it is news.",
        "暂无新闻。订阅源的首次读取只作存档，此后的内容才是新闻。",
    ),
    "pages": Words("Pages", "分页"),
    "older": Words("Older stories", "更早的新闻"),
    "newest": Words("Newest stories", "最新的新闻"),
    "pair": Words("pair", "配对"),
    "pair_title": Words(
        "A maker and a carrier are named close together", "文中厂商与运营商相邻出现"
    ),
    "also": Words("Also covered by", "其他报道："),
    "more_outlets": Words("and {count} more", "等另外 {count} 家"),
    "since_then": Words("What became of it", "后续"),
    "in_reply_to": Words("in reply to", "承接"),
    "told_in": Words("now told in", "现并入"),
    "details": Words("Reports and reasons", "报道与依据"),
    "no_headline": Words("(no headline)", "（无标题）"),
    "history": Words("from the first poll, not posted", "首次读取，未推送"),
    # The matrix.
    "matrix_lead": Words(
        "Stories of the last {days} days in which a maker and a carrier are named close "
        "together. Each number leads to them.",
        "最近 {days} 天内厂商与运营商相邻出现的新闻，点击数字查看。",
    ),
    "matrix_caption": Words("Stories by maker and carrier", "按厂商与运营商统计的新闻数"),
    "matrix_none": Words("No pair in the last {days} days.", "最近 {days} 天没有配对新闻。"),
    "quiet": Words("None in that time:", "期间没有："),
    "cell": Words("{maker} and {carrier}: {count}", "{maker} 与 {carrier}：{count}"),
    "scroll": Words("Table; it may be wider than the screen", "表格，可能需要横向滚动"),
    # A story.
    "summary": Words("Summary", "摘要"),
    "facts": Words("In short", "概要"),
    "first_told": Words("First told", "首次报道"),
    "last_changed": Words("Last changed", "最近更新"),
    "closes": Words("Open for reports until", "接收报道至"),
    "closed": Words("Closed for reports since", "停止接收报道于"),
    "id": Words("Story", "编号"),
    "reports": Words("Reports", "报道"),
    "matched": Words("Why it was flagged", "入选依据"),
    "joined": Words("Why it is in this story", "归入依据"),
    "past": Words("What else happened to it", "其他记录"),
    "merged": Words("Merged into it", "并入的新闻"),
    "more_reports": Words(
        "There are more; newsbot story show {id} lists them.",
        "还有更多，newsbot story show {id} 可列出全部。",
    ),
    "seen": Words("seen", "读取于"),
    # Feeds.
    "feeds_lead": Words(
        "{count} feeds are read; the worst come first.",
        "共读取 {count} 个订阅源，问题最严重的在前。",
    ),
    "feeds_lead_one": Words("1 feed is read.", "共读取 1 个订阅源。"),
    "feeds_none": Words(
        "No feed is read yet; newsbot feeds add adds one.",
        "尚无订阅源，可用 newsbot feeds add 添加。",
    ),
    "feeds_none_fit": Words("No feed fits.", "没有符合条件的订阅源。"),
    "feed": Words("Feed", "订阅源"),
    "state": Words("State", "状态"),
    "all": Words("All", "全部"),
    "last_answer": Words("Last answer", "上次应答"),
    "last_new": Words("Last new entry", "上次更新"),
    "next_poll": Words("Next poll", "下次读取"),
    "rhythm": Words("Rhythm", "频率"),
    "never": Words("never", "从未"),
    "failed": Words("failed {count} times in a row", "连续失败 {count} 次"),
    "failed_once": Words("failed once", "失败 1 次"),
    "since": Words("since", "自"),
    "next": Words("Next", "下一页"),
    "first": Words("First", "第一页"),
    "page_of": Words("{first} to {last}", "第 {first} 至 {last} 个"),
    "asked": Words("asked {every}", "{every}读取一次"),
    "brings": Words("brings {what}", "{what}"),
    "alive": Words("The bot last looked at its work at", "机器人上次运行于"),
    # Deliveries.
    "deliveries_lead": Words("What is owed to whom.", "待推送的内容。"),
    "deliveries_none": Words(
        "Nobody is subscribed: /alerts subscribe in a channel starts it.",
        "尚无订阅，在频道中输入 /alerts subscribe 即可开始。",
    ),
    "counted": Words("Counted at", "统计于"),
    "platform": Words("Platform", "平台"),
    "places": Words("Channels", "频道"),
    "due": Words("Due", "到期"),
    "oldest": Words("Waiting since", "等待始于"),
    "nothing_due": Words("nothing", "无"),
    "backlog": Words("Deliveries by platform and state", "各平台推送状态"),
    "parked": Words("Parked channels", "停用的频道"),
    "parked_lead": Words(
        "Their platform takes no posts for them until somebody mends what is said here.",
        "平台拒绝向这些频道推送，需按说明修复。",
    ),
    "parked_none": Words("No channel is parked.", "没有停用的频道。"),
    "parked_more": Words("There are {count} in all.", "共 {count} 个。"),
    "waiting": Words("{count} stories wait", "{count} 条新闻等待中"),
    "waiting_one": Words("1 story waits", "1 条新闻等待中"),
    # How it is.
    "overview": Words("Health", "运行状况"),
    "well": Words("The bot is well.", "机器人运行正常。"),
    "not_well": Words("The bot is not well: {what}.", "机器人运行异常：{what}。"),
    "ill_loop": Words("this process hangs", "本进程卡顿"),
    "ill_database": Words("the database does not answer", "数据库无应答"),
    "ill_scheduler": Words("nobody gives out work", "无人调度任务"),
    "ill_polls": Words("feeds are read late", "订阅源读取延迟"),
    "ill_backlog": Words("posts are late", "推送延迟"),
    "ill_gateway": Words("a platform is not heard", "与平台失去连接"),
    "ill_disk": Words("the disk is nearly full", "磁盘空间不足"),
    "conditions": Words("Conditions", "各项条件"),
    "conditions_lead": Words("As this process sees them", "以本进程所见为准"),
    "condition": Words("Condition", "条件"),
    "measured": Words("Measured", "测量结果"),
    "good": Words("fine", "正常"),
    "bad": Words("not fine", "异常"),
    "check_loop": Words("This process", "本进程"),
    "check_database": Words("Database", "数据库"),
    "check_scheduler": Words("Scheduling", "任务调度"),
    "check_polls": Words("Reading feeds", "读取订阅源"),
    "check_backlog": Words("Posting", "推送"),
    "check_gateway": Words("Platforms", "平台连接"),
    "check_disk": Words("Disk", "磁盘"),
    "processes": Words("Processes", "进程"),
    "processes_lead": Words("Who was at work in the last day", "最近一天内工作的进程"),
    "process": Words("Process", "进程"),
    "roles": Words("Roles", "职责"),
    "role_schedule": Words("schedules", "调度"),
    "role_poll": Words("polls", "读取"),
    "role_deliver": Words("delivers", "推送"),
    "role_gateway": Words("gateway", "应答"),
    "role_web": Words("web", "网页"),
    "heard": Words("at work", "工作中"),
    "unheard": Words("not heard", "失去联系"),
    "started": Words("Started", "启动于"),
    "last_sign": Words("Last sign of life", "最近一次报告"),
    "one_process": Words("One process does everything.", "所有工作由一个进程完成。"),
    "colon": Words(": ", "："),
    "posted": Words("Newest story posted", "最新推送的新闻"),
    "posted_none": Words("none yet", "暂无"),
    # The door, and what goes wrong.
    "login": Words("Log in", "登录"),
    "token": Words("Token", "令牌"),
    "login_lead": Words(
        "This page is open to whoever knows the token (status.token in the settings).",
        "持有令牌（设置项 status.token）的人可以查看本页。",
    ),
    "login_wrong": Words("That is not the token.", "令牌不正确。"),
    "error_400": Words("I do not understand that question", "无法理解该请求"),
    "error_401": Words("Who is there?", "请先登录"),
    "error_404": Words("There is nothing here", "此处没有内容"),
    "error_405": Words("Here things can be looked at, not changed", "此处只能查看，不能更改"),
    "error_421": Words("This is not the place of that name", "主机名不符"),
    "error_500": Words("A defect of newsbot", "newsbot 内部错误"),
    "error_503": Words("That cannot be answered now", "暂时无法应答"),
    "error_else": Words("That cannot be done", "无法完成"),
    "help_421": Words(
        "The address you used is not the one that newsbot listens at. Behind a proxy, set "
        "status.public_url.",
        "您使用的地址与 newsbot 监听的地址不符。若经由代理访问，请设置 status.public_url。",
    ),
    "help_500": Words("The log has the details.", "详情见日志。"),
    "help_503": Words(
        "The database may be away or busy; the log has the details.",
        "数据库可能不可用或繁忙，详情见日志。",
    ),
    "home": Words("To the stories", "返回新闻"),
}

EVENTS = {
    Event.DEAL: "合作",
    Event.DEAL_OFF: "合作告吹",
    Event.LAUNCH: "发布",
    Event.BAN: "禁令或制裁",
    Event.LAWSUIT: "调查或诉讼",
    Event.SECURITY: "安全",
    Event.MERGER: "并购",
    Event.EARNINGS: "财报或份额",
    Event.NETWORK: "网络或故障",
    Event.PRICING: "价格",
    Event.LEAK: "泄露或传闻",
    Event.PEOPLE: "人事",
    Event.REVIEW: "评测",
    Event.SOFTWARE: "软件",
    Event.OTHER: "其他",
}
TIES = {
    TieKind.CONFIRMED: Words("confirmed", "已证实"),
    TieKind.DENIED: Words("denied", "已否认"),
    TieKind.REVERSED: Words("reversed", "已反转"),
    TieKind.MERGED: Words("merged", "已合并"),
}
CONDITIONS = {
    Condition.NEW: Words("not read yet", "尚未读取"),
    Condition.WELL: Words("fine", "正常"),
    Condition.FLAWED: Words("malformed, but read", "格式有误，可读取"),
    Condition.SILENT: Words("far quieter than usual", "异常安静"),
    Condition.FAILING: Words("failing", "读取失败"),
    Condition.BROKEN: Words("broken", "已失效"),
}
STATES = {
    DeliveryState.OWED: Words("owed", "待发"),
    DeliveryState.SENDING: Words("under way", "发送中"),
    DeliveryState.SENT: Words("sent", "已发"),
    DeliveryState.FAILED: Words("given up", "已放弃"),
    DeliveryState.GONE: Words("deleted by people", "已被删除"),
}
_TROUBLES = {
    Trouble.REFUSED_ADDRESS: "该地址不允许访问",
    Trouble.NAME: "找不到主机名",
    Trouble.CONNECTION: "服务器拒绝连接",
    Trouble.TLS: "服务器证书有问题",
    Trouble.SLOW: "服务器应答超时",
    Trouble.BLOCKED: "服务器拒绝程序访问",
    Trouble.LOGIN: "需要登录",
    Trouble.PAYMENT: "需要付费",
    Trouble.MISSING: "该地址已无内容",
    Trouble.GONE: "发布者已将其撤下",
    Trouble.BUSY: "服务器要求暂缓访问",
    Trouble.SERVER: "服务器故障",
    Trouble.ANSWER: "服务器的应答不是订阅源",
    Trouble.TOO_LARGE: "内容过大",
    Trouble.ENCODING: "压缩方式无法识别",
    Trouble.PAGE: "该地址是网页而非订阅源",
    Trouble.PORTAL: "被网络的登录页拦截",
    Trouble.UNREADABLE: "不是订阅源，或损坏过重",
    Trouble.DANGEROUS: "内容有害，已拒绝",
    Trouble.HEAVY: "读取耗时或占用内存过多",
}
_WEEKDAYS = "一二三四五六日"
_PERIODS = ((86_400, "天"), (3_600, "小时"), (60, "分钟"), (1, "秒"))
_COUNTED = ((3_600, "每小时"), (86_400, "每天"), (604_800, "每周"), (2_592_000, "每月"))
_ACCEPTED = re.compile(r"\s*([a-z-]+|\*)\s*(?:;\s*q=([0-9.]+))?\s*", re.IGNORECASE)


class Speech:
    """One of the languages; called with the name of a text it gives that text."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.html_lang = HTML_LANG[lang]
        self.is_zh = lang == "zh"

    def __call__(self, name: str, **values: object) -> str:
        """The text of that name, with ``values`` in it."""
        return self.pick(WORDS[name]).format(**values)

    def pick(self, words: Words) -> str:
        """The one of the two that is spoken."""
        return words.zh if self.is_zh else words.en

    def event(self, event: Event) -> str:
        """What kind of thing happened."""
        return EVENTS[event] if self.is_zh else event.label

    def tie(self, kind: TieKind) -> str:
        """What became of the earlier story."""
        return self.pick(TIES[kind])

    def condition(self, condition: Condition) -> str:
        """How a feed is doing."""
        return self.pick(CONDITIONS[condition])

    def state(self, state: DeliveryState) -> str:
        """What a delivery is."""
        return self.pick(STATES[state])

    def trouble(self, feed: Feed) -> str:
        """What is wrong with a failing feed."""
        known = _TROUBLES.get(feed.trouble) if self.is_zh else None
        return known or tell_trouble(feed)

    def day(self, moment: datetime) -> str:
        """Say "Tuesday, 9 January 2018"."""
        at = moment.astimezone(UTC)
        if self.is_zh:
            return f"{at.year} 年 {at.month} 月 {at.day} 日 星期{_WEEKDAYS[at.weekday()]}"
        return f"{at:%A}, {at.day} {at:%B} {at.year}"

    def moment(self, moment: datetime) -> str:
        """Say "9 Jan 2018, 22:40"."""
        at = moment.astimezone(UTC)
        if self.is_zh:
            return f"{at.year}-{at:%m-%d %H:%M}"
        return f"{at.day} {at:%b} {at.year}, {at:%H:%M}"

    def interval(self, seconds: float) -> str:
        """How often something is done every ``seconds``."""
        if not self.is_zh:
            return tell_interval(seconds)
        seconds = max(1, round(seconds))
        length, unit = next(period for period in _PERIODS if seconds >= period[0])
        return f"约每 {round(seconds / length)} {unit}"

    def gap(self, gap_s: float) -> str:
        """How often entries come that are ``gap_s`` apart."""
        if not self.is_zh:
            return tell_gap(gap_s)
        for length, unit in _COUNTED:
            count = round(length / max(gap_s, 1.0))
            if count >= 2:
                return f"{unit}约 {count:,} 篇"
        return "每月约一篇或更少"


def choose_lang(asked: str, accepted: str) -> str:
    """The language of an answer: ``?lang=``, else the best of ``Accept-Language``, or English.

    Source: RFC 9110 §12.5.4.
    """
    if asked in LANGUAGES:
        return asked
    wishes: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        if found := _ACCEPTED.fullmatch(part):
            try:
                weight = float(found[2] or 1)
            except ValueError:
                continue
            wishes.append((weight, found[1].lower().partition("-")[0]))
    known = [wish for wish in wishes if wish[1] in LANGUAGES and wish[0] > 0]
    return max(known, key=lambda wish: wish[0])[1] if known else "en"
