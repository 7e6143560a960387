"""The answer to plain words that want something done: the command that does it, filled in.

Nothing is done by plain words alone: a command says what it takes, and checks who may.
"""

from __future__ import annotations

from bot.commands.answer import Answer, Hint, Lines, Part
from bot.commands.command import Call
from bot.commands.deeds import Deed, Wish
from bot.commands.wording import name_workspace

_FRIENDLY = (
    "Ask me what happened, as in “anything on Huawei and AT&T this week?”, or why: “why was "
    "#id posted?”"
)


def tell_wish(wish: Wish, call: Call) -> Answer:
    """What to type for ``wish``; it has no stories, and only who asked needs it."""
    if wish.deed is Deed.CHAT:
        more = Hint("/news help", "shows everything")
        return Answer("At your service", (Lines((_FRIENDLY,)), more), is_for_asker=True)
    parts = _list_parts(wish)
    if call.is_direct:
        there = name_workspace(call.place.platform)
        parts = (*parts, Lines((f"It is typed in a channel of the {there}, not here.",)))
    return Answer(f"To {_TITLES[wish.deed]}, type this", parts, is_for_asker=True)


def _list_parts(wish: Wish) -> tuple[Part, ...]:
    if wish.deed is Deed.WATCH and wish.is_known:
        return _tell_known(wish.about)
    command, does = _COMMANDS[wish.deed]
    about = wish.about or _EXAMPLES.get(wish.deed, "")
    if wish.deed is Deed.SUBSCRIBE and about:
        about = f"{'companies' if wish.is_known else 'events'}:{_quoted(about)}"
    return (Hint(f"{command} {about}".rstrip(), does), *_BESIDE.get(wish.deed, ()))


def _tell_known(name: str) -> tuple[Part, ...]:
    """What to do about a company that everybody gets."""
    return (
        Lines((f"{name} is watched already, for everybody.",)),
        Hint(f"/alerts subscribe companies:{_quoted(name)}", "posts just its news"),
        Hint(f"/news recent company:{_quoted(name)}", "shows what is known of it"),
    )


def _quoted(about: str) -> str:
    return f'"{about}"' if " " in about else about


_TITLES = {
    Deed.UNSUBSCRIBE: "stop posts",
    Deed.PAUSE: "pause posts",
    Deed.RESUME: "have posts again",
    Deed.MUTE: "mute something",
    Deed.UNMUTE: "hear of it again",
    Deed.SUBSCRIBE: "get news in a channel",
    Deed.SETTINGS: "change what a channel gets",
    Deed.WATCH: "watch a company",
    Deed.UNWATCH: "watch a company no more",
}
_COMMANDS = {
    Deed.UNSUBSCRIBE: ("/alerts unsubscribe", "ends it in the channel where it is typed"),
    Deed.PAUSE: ("/alerts pause", "holds all posts of the channel back; none is lost"),
    Deed.RESUME: ("/alerts resume", "in the channel where it is typed"),
    Deed.MUTE: ("/alerts mute", "keeps it out of the channel where it is typed"),
    Deed.UNMUTE: ("/alerts unmute", "has it posted again in the channel where it is typed"),
    Deed.SUBSCRIBE: ("/alerts subscribe", "posts new stories in the channel where it is typed"),
    Deed.SETTINGS: ("/alerts settings", "changes which stories come, and when"),
    Deed.WATCH: ("/watch add", "has a company looked for from now on"),
    Deed.UNWATCH: ("/watch remove", "ends it, if it was added here"),
}
_EXAMPLES = {Deed.PAUSE: "2h", Deed.MUTE: "Xiaomi", Deed.WATCH: "Fairphone"}
"""What stands in the place of what was not said."""

_BESIDE = {
    Deed.UNSUBSCRIBE: (
        Hint("/alerts pause", "only holds posts back; /alerts resume ends that"),
        Hint("/alerts mute", "with a company, an outlet or a story keeps just that away"),
    ),
    Deed.PAUSE: (Hint("/alerts resume", "lets them come again"),),
    Deed.MUTE: (Hint("/alerts unmute", "takes it back"),),
    Deed.UNMUTE: (Hint("/alerts list", "shows what is muted in the channel where it is typed"),),
    Deed.SUBSCRIBE: (Hint("/alerts settings", "changes it afterwards"),),
    Deed.SETTINGS: (Hint("/alerts settings mode:daily at:9:00", "is an example"),),
    Deed.UNWATCH: (Hint("/alerts mute", "with its name keeps its news out of one channel"),),
}
