from __future__ import annotations

import re

from bot.commands.alerts import ALERTS
from bot.commands.command import Need
from bot.commands.watching import WATCH

NAME = re.compile(r"[a-z0-9_]{1,32}")


def test_whoever_may_not_manage_channels_may_look_at_companies_alone() -> None:
    looking = {(one.noun, one.verb) for one in (*ALERTS, *WATCH) if one.need is Need.NOTHING}

    assert looking == {
        ("watch", "list"),
        ("watch", "test"),
    }
    assert all(one.is_for_servers for one in (*ALERTS, *WATCH))


def test_names_and_helps_keep_their_bounds_in_both_languages() -> None:
    for command in (*ALERTS, *WATCH):
        texts = [command.help, *(option.help for option in command.options)]
        texts += [pick.label for option in command.options for pick in option.picks]
        assert all(0 < len(said) <= 100 for text in texts for said in (text.en, text.zh))
        assert all(NAME.fullmatch(option.name) for option in command.options)
        names = [name for option in command.options for name in {option.name, option.zh}]
        assert len(set(names)) == len(names)
        required = [option.is_required for option in command.options]
        assert required == sorted(required, reverse=True)


def test_verbs_are_told_apart_in_both_languages() -> None:
    for table in (ALERTS, WATCH):
        assert len({one.verb for one in table}) == len({one.zh_verb for one in table}) == len(table)
