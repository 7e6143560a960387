"""The pages of an installation: what happened, in plain words, and where to go from there.

Pure: words in, HTML out.
"""

from __future__ import annotations

from html import escape

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",  # the address of the page holds the code of the installation
    "X-Content-Type-Options": "nosniff",
}
"""What every page is sent with: nothing is kept, run or passed on."""

LONGEST_REASON = 60
"""Characters of a reason that came with the address; anybody can write one."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1.05rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto;
  padding: 0 1rem; color-scheme: light dark; }}
h1 {{ font-size: 1.4rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
{text}
</body>
</html>
"""

_FAILED = {
    "access_denied": (
        "Nothing was installed",
        "The installation was cancelled in Slack. Nothing has changed.",
    ),
    "invalid_browser": (
        "This installation was not begun here",
        (
            "It was begun in another browser, or this page was loaded a second time. If Slack "
            "lists the app already, all is well; otherwise begin again."
        ),
    ),
    "invalid_state": (
        "This installation is too old",
        (
            "It was begun more than ten minutes ago, or it has been finished already. If Slack "
            "lists the app, all is well; otherwise begin again."
        ),
    ),
    "missing_code": (
        "Nothing was installed",
        "Slack sent no confirmation along. Please begin again.",
    ),
    "invalid_code": (
        "Nothing was installed",
        "Slack did not confirm the installation. Please begin again.",
    ),
    "too_many": (
        "Please try again in ten minutes",
        "Too many installations have been begun at once. Nothing has changed.",
    ),
    "slack_away": (
        "Slack does not answer",
        "The installation could not be finished. Please begin again in a minute.",
    ),
    "defect": (
        "Something went wrong here",
        (
            "The installation could not be finished, and the operator of this bot finds the reason "
            "in its log. Please begin again later."
        ),
    ),
}


def draw_installed(name: str, *, is_organization: bool, open_url: str) -> str:
    """The app is in a workspace, or an organization, of this name."""
    if is_organization:
        return _draw(
            f"Installed in {name}",
            "Its administrators now choose the workspaces that have the app: in Slack, under "
            "Organization settings, Apps. In each of them, invite the bot to a channel and type "
            "/alerts subscribe there.",
        )
    return _draw(
        f"Installed in {name}",
        "Invite the bot to a channel with /invite, and type /alerts subscribe there. "
        "/news shows the latest stories.",
        link=("Open Slack", open_url),
    )


def draw_failure(reason: str, *, again_url: str) -> str:
    """Nothing was installed; ``reason`` is bolt's or Slack's word for why, or one of ours."""
    title, told = _FAILED.get(reason) or (
        "Nothing was installed",
        f"Slack gave this reason: {reason[:LONGEST_REASON]}. Please begin again.",
    )
    return _draw(title, told, link=("Begin again", again_url))


def draw_no_installing() -> str:
    """The bot serves the one workspace of its operator."""
    return _draw(
        "There is nothing to install here",
        "This bot serves one workspace, in which its operator has installed it.",
    )


def _draw(title: str, told: str, *, link: tuple[str, str] | None = None) -> str:
    text = f"<p>{escape(told)}</p>"
    if link is not None:
        words, url = link
        text += f'\n<p><a href="{escape(url)}">{escape(words)}</a></p>'
    return _PAGE.format(title=escape(title), text=text)
