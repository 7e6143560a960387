"""Run the server by hand, or act as a person on one that runs.

--port 8801                           run until Ctrl+C (each act takes --port before its name)
say "/news recent company:huawei"     run a command
say "@bot anything new?" --user ada --channel @ada
complete "/news recent company:hua"   what is offered for the last option
press Why                             by label or custom id, the newest there is
submit reason="old news"              fill in the modal that was opened last
show --channel general                the messages of a channel
do gateway do=drop                    any action of /control, values as JSON or text
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import sys
from pathlib import Path
from typing import Any

from tests.servers.discord.client import Client, Refused
from tests.servers.discord.control import ControlledServer


def main(words: list[str] | None = None) -> int:
    """Run as the module's docstring says; 1 where the server refused."""
    given = _parser().parse_args(words)
    if given.act is None:
        try:
            asyncio.run(_serve(given.port, is_limited=not given.unlimited))
        except KeyboardInterrupt:
            return 0
    client = Client(f"http://127.0.0.1:{given.port}")
    try:
        _tell(given.act(client, given))
    except (Refused, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def _serve(port: int, *, is_limited: bool) -> None:
    async with ControlledServer(port=port, is_limited=is_limited) as server:
        _tell(
            f"NEWSBOT_DISCORD_API_BASE={server.api_base}\n"
            f"NEWSBOT_DISCORD_GATEWAY_URL={server.gateway_url}\n"
            f"NEWSBOT_DISCORD_TOKEN={server.token}\n"
            f"CONTROL={server.root}/control"
        )
        await asyncio.Event().wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.servers.discord",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8801, help="0 for a free one")
    parser.add_argument("--unlimited", action="store_true", help="serve without rate limits")
    parser.set_defaults(act=None)
    acts = parser.add_subparsers()
    for name, act, words in (
        ("say", _say, {"text": None}),
        ("complete", _complete, {"text": None}),
        ("press", _press, {"button": None, "values": "*"}),
        ("submit", _submit, {"values": "+"}),
        ("show", _show, {}),
        ("do", _do, {"action": None, "values": "*"}),
    ):
        sub = acts.add_parser(name)
        sub.set_defaults(act=act)
        for word, count in words.items():
            sub.add_argument(word, nargs=count)
        sub.add_argument("--channel", default="", help="a name, or @ada for direct messages")
        sub.add_argument("--user", default="", help="ada (a member) or grace (a manager)")
        sub.add_argument("--wait", type=float, default=5.0, help="seconds for the answer")
        sub.add_argument("--file", action="append", default=[], help="option=path")
    return parser


def _place(given: argparse.Namespace) -> dict[str, Any]:
    return {"channel": given.channel, "user": given.user}


def _say(client: Client, given: argparse.Namespace) -> str:
    files = {}
    for pair in given.file:
        option, _, path = pair.partition("=")
        raw = base64.b64encode(Path(path).read_bytes()).decode()
        files[option] = (Path(path).name, raw)
    place = _place(given)
    if given.text.startswith("/"):
        return _outcome(client.act("say", text=given.text, files=files, wait_s=given.wait, **place))
    before = len(client.act("messages", channel=given.channel))
    client.act("say", text=given.text, **place)
    answers = client.wait_for_messages(given.channel, before + 2, timeout_s=given.wait)
    return "\n\n".join(each["drawn"] for each in answers[before + 1 :]) or "(no answer)"


def _complete(client: Client, given: argparse.Namespace) -> str:
    found = client.act("autocomplete", text=given.text, **_place(given))
    return "\n".join(f"{each['name']}  ({each['value']})" for each in found) or "(nothing offered)"


def _press(client: Client, given: argparse.Namespace) -> str:
    message, custom_id = client.find_button(given.button)
    outcome = client.act(
        "press",
        message=message,
        custom_id=custom_id,
        values=given.values,
        user=given.user,
        wait_s=given.wait,
    )
    return _outcome(outcome)


def _submit(client: Client, given: argparse.Namespace) -> str:
    values = dict(pair.split("=", 1) for pair in given.values)
    opened = client.act("opened")
    outcome = client.act("submit", interaction=opened, values=values, wait_s=given.wait)
    return _outcome(outcome)


def _show(client: Client, given: argparse.Namespace) -> str:
    found = client.act("messages", channel=given.channel)
    return "\n\n".join(f"{each['author']}:\n{each['drawn']}" for each in found) or "(empty)"


def _do(client: Client, given: argparse.Namespace) -> str:
    arguments = {}
    for pair in given.values:
        key, _, text = pair.partition("=")
        try:
            arguments[key] = json.loads(text)
        except ValueError:
            arguments[key] = text
    return json.dumps(client.act(given.action, **arguments), indent=2, ensure_ascii=False)


def _outcome(found: dict[str, Any]) -> str:
    if not found["is_answered"]:
        return "(no answer)"
    if found["modal"]:
        return json.dumps(found["modal"], indent=2, ensure_ascii=False)
    shown = [found["answer"], *found["followups"]]
    return "\n\n".join(each["drawn"] for each in shown if each)


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
