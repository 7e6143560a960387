"""A command as a form: a field for each option, filled in with what is set now.

The same for every platform that has forms. What a person leaves as it is stays as it is, also
where somebody else changes it meanwhile: only fields that differ from what they showed become
options of the command. A form is remembered by ``Form.marks``, a few letters for each field,
since a platform keeps little between showing a form and handing in what was written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.commands.answer import Answer, Tone
from bot.commands.channels import Channel, find_channel
from bot.commands.command import Call, Command, Option, OptionKind, Upload, Words
from bot.commands.running import APOLOGY
from bot.commands.settingtexts import YES, list_rules, list_wishes
from bot.commands.watches import find_watch_or_none
from bot.model import Event, Rhythm, Role, Scope

MAX_VALUE = 3000
"""Characters that a field is filled in with; what is longer is not shown, and stays unless
something is written there (Slack takes so many in a text field)."""

_LABELS = {
    "at": Words("At what time", "时间"),
    "for": Words("For how long", "时长"),
    "mention": Words("Call a group", "提及"),
    "mention_for": Words("Call it for", "提及条件"),
    "min_outlets": Words("Outlets at least", "最少媒体数"),
    "mode": Words("Rhythm", "方式"),
    "scope": Words("Stories", "范围"),
    "thread": Words("Follow-ups in threads", "子区"),
}
"""Of options whose name alone says too little; the others are called by their names."""

_SUBMITS = {
    "settings": Words("Save", "保存"),
    "edit": Words("Save", "保存"),
    "why": Words("Explain", "查看原因"),
    "story": Words("Show", "查看"),
}
"""What hands a form in, where the verb does not say it."""

_CLEARED: Mapping[str, str | int] = {
    "scope": Scope.ANY.value,
    "mode": Rhythm.LIVE.value,
    "role": Role.OTHER.value,
    "min_outlets": 1,
    "mention_for": "all",
}
"""What an emptied field means where "none" is no value of the option."""

_OF_CHANNELS = frozenset({("alerts", "subscribe"), ("alerts", "settings")})
_SUBSCRIBE = ("alerts", "subscribe")
_COMPLAINT = re.compile(r"(?P<name>[a-z_]{1,32}): (?P<text>.+)", re.DOTALL)
_NO_DEFAULT = re.compile("[;；].*")  # of a hint: what is taken where nothing is written
_MARK_BYTES = 5


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    Attributes:
        name: of the option.
        label: in the language of who fills it in.
        hint: one line below it, as the option's help.
        value: what it shows at first, as a person would type it; see ``YES``.
        picks: values and their labels to choose from, () where it is written. Of a PICK one
            is chosen, of EVENTS several; YES has one that is ticked or not.
        is_required: it cannot be left empty.
        least, most: of a WHOLE.
        is_key: what is chosen here decides what the others show.
    """

    name: str
    kind: OptionKind
    label: str
    hint: str
    value: str = ""
    picks: tuple[tuple[str, str], ...] = ()
    is_required: bool = False
    least: int | None = None
    most: int | None = None
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form for one command.

    Attributes:
        title: "/alerts settings".
        help: one line that says what it does.
        submit: on the button that hands it in.
        note: one line that people should know before they write, or "".
        typed: what people have written so far, by field, where that is not ``Field.value``.
    """

    command: Command
    title: str
    help: str
    submit: str
    fields: tuple[Field, ...]
    note: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    def shown(self, one: Field) -> str:
        """What ``one`` shows."""
        return self.typed.get(one.name, one.value)

    def marks(self) -> dict[str, str]:
        """What each field was filled in with, as marks for ``read_form``."""
        return {one.name: make_mark(one.value) for one in self.fields}


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why what was written cannot be taken.

    Attributes:
        field: the name of the field at fault, "" where it is none or not known.
        text: a sentence or two, which do not name the option again.
    """

    field: str
    text: str


async def make_form(
    call: Call,
    command: Command,
    *,
    typed: Mapping[str, str] | None = None,
    offered: Mapping[str, str] | None = None,
) -> Form:
    """The form of ``command``, filled in with what is set for what the call names.

    Args:
        call: with the channel, or the watched company, in its values where it is about
            another than where the form was asked for. Whether the person may see the
            settings of that channel is checked by who calls.
        typed: what the person has written by now, by field; kept as it is.
        offered: what else to fill in where a channel gets no news yet, as if the person had
            written it: their own time zone.
    """
    values, note = await _load(call, command)
    is_outside = not call.place.channel
    if (command.noun, command.verb) == _SUBSCRIBE and offered:
        typed = {name: text for name, text in offered.items() if not values.get(name)} | {
            **(typed or {})
        }
    return fill_form(command, values, note=note, typed=typed, lang=call.lang, is_outside=is_outside)


def fill_form(
    command: Command,
    values: Mapping[str, str],
    *,
    note: str = "",
    typed: Mapping[str, str] | None = None,
    lang: str = "",
    is_outside: bool = False,
) -> Form:
    """The form of ``command`` with ``values`` in its fields.

    Args:
        values: by option, as a person would type them.
        note: see ``Form``.
        typed: what the person has written by now, by field; kept as it is.
        lang: of who fills it in, BCP 47, or "".
        is_outside: it was asked for outside every channel; one must be chosen.
    """
    zh = lang.casefold().startswith("zh")
    fields = tuple(_make_field(command, option, values, zh=zh) for option in command.options)
    if is_outside:
        fields = tuple(
            replace(one, is_required=True, hint=_NO_DEFAULT.sub("", one.hint))
            if one.kind is OptionKind.CHANNEL
            else one
            for one in fields
        )
    known = {one.name: one.value for one in fields}
    kept = {name: text for name, text in (typed or {}).items() if known.get(name, text) != text}
    return Form(
        command,
        title=f"/{command.zh_noun} {command.zh_verb}" if zh else f"/{command.noun} {command.verb}",
        help=_say(command.help, zh=zh),
        submit=_name_submit(command, zh=zh),
        fields=fields,
        note=note,
        typed=kept,
    )


def find_changed(marks: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, str]:
    """What of ``given`` is not what the fields were filled in with, by field."""
    texts = {name: _text(said) for name, said in given.items() if not isinstance(said, Upload)}
    return {name: text for name, text in texts.items() if make_mark(text) != _before(marks, name)}


def read_form(
    command: Command, marks: Mapping[str, str], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The values for a call of ``command``: what was written and differs from what was there.

    Args:
        marks: of the form as it was filled in; see ``Form.marks``.
        given: by field: texts, or an ``Upload``; "" where a field was left or made empty. What
            is not in it was not asked.
    """
    changed = find_changed(marks, given)
    values: dict[str, Any] = {}
    for option in command.options:
        said = given.get(option.name)
        text = "" if isinstance(said, Upload) else _text(said)
        is_named = option.is_required or option.kind is OptionKind.CHANNEL
        if isinstance(said, Upload):
            values[option.name] = said
        elif is_named and text:
            values[option.name] = text
        elif option.name in changed and not is_named:
            values[option.name] = _read(option, text)
    return _agree(values, {name: _text(said) for name, said in given.items()})


def field_of(answer: Answer, command: Command) -> Complaint:
    """What a refusal complains of: of a field where it names its option.

    A refusal that names none is about the one field that has to be filled in, if there is just
    one; what is wrong with us or takes more than a sentence to say is about none.
    """
    names = [option.name for option in command.options]
    found = _COMPLAINT.fullmatch(answer.title)
    if found and found["name"] in names:
        text = found["text"]
        return Complaint(found["name"], f"{text[:1].upper()}{text[1:]}")
    required = [option.name for option in command.options if option.is_required]
    is_simple = answer.tone is Tone.REFUSED and not answer.parts
    is_ours = answer.title.startswith(APOLOGY)
    main = required[0] if len(required) == 1 and is_simple and not is_ours else ""
    return Complaint(main, answer.title)


def make_mark(value: str) -> str:
    """A few letters by which ``value`` is known again; "" for nothing."""
    if not value:
        return ""
    return hashlib.blake2b(value.encode(), digest_size=_MARK_BYTES).hexdigest()


def needs_form(command: Command, given: Mapping[str, Any]) -> bool:
    """Whether a platform that has forms shows one instead of doing what was typed."""
    return command.has_form and not given


def _make_field(command: Command, option: Option, values: Mapping[str, str], *, zh: bool) -> Field:
    picks = tuple((pick.value, _say(pick.label, zh=zh)) for pick in option.picks)
    if option.kind is OptionKind.EVENTS:
        picks = tuple((event.label, event.label) for event in Event)
    elif option.kind is OptionKind.YES:
        picks = ((YES, _say(Words("Yes", "是"), zh=zh)),)
    value = values.get(option.name, "")
    return Field(
        option.name,
        option.kind,
        label=_name_field(option, zh=zh),
        hint=_say(option.help, zh=zh),
        value=value if len(value) <= MAX_VALUE else "",
        picks=picks,
        is_required=option.is_required,
        least=option.least,
        most=option.most,
        is_key=_key_of(command) == option.name,
    )


def _key_of(command: Command) -> str:
    """The option that decides what the others show, or ""."""
    if (command.noun, command.verb) in _OF_CHANNELS:
        return "channel"
    return "name" if (command.noun, command.verb) == ("watch", "edit") else ""


def _name_field(option: Option, *, zh: bool) -> str:
    if words := _LABELS.get(option.name):
        return _say(words, zh=zh)
    said = option.zh if zh else option.name.replace("_", " ")
    return f"{said[:1].upper()}{said[1:]}"


def _name_submit(command: Command, *, zh: bool) -> str:
    words = _SUBMITS.get(command.verb, Words(command.verb.capitalize(), command.zh_verb))
    return _say(words, zh=zh)


def _say(words: Words, *, zh: bool) -> str:
    return words.zh if zh else words.en


async def _load(call: Call, command: Command) -> tuple[dict[str, str], str]:
    """What is set now, by option, and a note for who fills the form in."""
    given = {option.name: call.text(option.name) for option in command.options}
    place = call.place
    here = f"{place.channel}/{place.thread}" if place.thread else place.channel
    values = {
        option.name: given[option.name] or here
        for option in command.options
        if option.kind is OptionKind.CHANNEL
    }
    values |= {name: text for name, text in given.items() if text}
    match _key_of(command):
        case "channel" if values["channel"] and not call.is_direct:
            channel = await find_channel(replace(call, values={"channel": values["channel"]}))
            return values | list_wishes(channel), _note(command, channel)
        case "name" if given["name"] and not call.is_direct:
            watch = await find_watch_or_none(
                call.office.store,
                given["name"],
                platform=place.platform,
                workspace=place.workspace,
            )
            return values | (list_rules(watch) if watch else {}), ""
        case _:
            return values, ""


def _note(command: Command, channel: Channel) -> str:
    has_news = channel.subscription is not None
    if command.verb == "settings" and not has_news:
        return "No news is posted in that channel; choose another, or use /alerts subscribe."
    if command.verb == "subscribe" and has_news:
        return "That channel gets news already; what you change here is changed."
    return ""


def _text(said: Any) -> str:
    return str(said).strip() if said is not None else ""


def _before(marks: Mapping[str, str], name: str) -> str:
    return marks.get(name, "")


def _read(option: Option, text: str) -> Any:
    """What the handler is given; "none", or what else it takes for that, for an emptied field."""
    match option.kind:
        case OptionKind.YES:
            return text == YES
        case _ if not text:
            return _CLEARED.get(option.name, "none")
        case OptionKind.WHOLE:
            return int(text) if text.isascii() and text.isdecimal() else text
        case _:
            return text


def _agree(values: dict[str, Any], shown: Mapping[str, str]) -> dict[str, Any]:
    """``values`` in accord with what the fields beside them show, and typed options do not say.

    A time beside "live" is no silent change to daily; without a group nobody is called.
    """
    if values.get("mention") == "none":
        del values["mention"]
        values["mention_for"] = "none"
    elif "mention_for" in values and not (shown.get("mention_for") or shown.get("mention")):
        del values["mention_for"]
    if "at" in values and shown.get("mode") == Rhythm.LIVE:
        values["mode"] = Rhythm.LIVE.value
    return values
