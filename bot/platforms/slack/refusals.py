"""Why somebody may not do something in Slack, and whom to ask instead. Pure."""

from __future__ import annotations

from bot.commands.answer import Answer, ChannelRef, Line, Lines, UserRef, refuse
from bot.errors import SendError, SendParked
from bot.platforms.slack.failures import REMOVED, TokenRefused, error_of
from bot.platforms.slack.people import Conversation, Group

UNKNOWN_CHANNEL = (
    "I know no such channel that you are in. If it is private, join it, and invite me there "
    "with /invite"
)
"""The same for a channel that is not there: whether it is one, nobody learns."""


def tell_untold(error: SendError, what: str, *, so: str = "") -> str:
    """Why Slack did not say ``what``, and what helps: some time, or only a person.

    Args:
        what: as in "whether you may do that".
        so: what came of it, as in ", so nothing was changed".
    """
    if isinstance(error, TokenRefused) or _is_removed(error):
        return (
            f"Slack does not take the app's token, so it did not tell me {what}{so}. An admin of "
            "the workspace must install the app again"
        )
    if isinstance(error, SendParked):
        return f"Slack did not tell me {what}{so}: {error}"
    return f"Slack did not tell me {what}{so}. Try it again in a minute"


def _is_removed(error: SendError) -> bool:
    return isinstance(error, SendParked) and error_of(error) in REMOVED


def name_group(group: Group | None) -> str:
    """The group as people write it."""
    return f"@{group.handle}" if group else "a user group that is not there any more"


def refuse_unknown() -> Answer:
    """To who names a channel that is not there, or not theirs to know of."""
    return refuse(UNKNOWN_CHANNEL)


def refuse_outside(what: str, found: Conversation) -> Answer:
    """To who is not in the channel, where everybody in it may do ``what``."""
    if found.is_private:
        return refuse_unknown()
    line: Line = ("Join it first: ", ChannelRef(found.id))
    return refuse(f"Only people in the channel may use {what} for it", Lines((line,)))


def refuse_others(what: str, found: Conversation | None) -> Answer:
    """To who did not create the channel, where its creator may; None for one that is not seen."""
    if found is None:
        return refuse(
            f"I am not in this channel, so I cannot see who created it; they may use {what}. "
            "Invite me with /invite, or ask an admin of the workspace"
        )
    title = f"Only who created the channel, and admins of the workspace, may use {what} for it"
    if not found.creator:
        return refuse(title)
    line: Line = ("Ask ", UserRef(found.creator), ", or an admin.")
    return refuse(title, Lines((line,)))


def refuse_alone(what: str) -> Answer:
    """To who would change all of a workspace outside channels, where creators of those may."""
    way = "Ask one of them, or do it in a channel that you created."
    return refuse(f"Outside channels only admins of the workspace may use {what}", Lines((way,)))


def refuse_admins(what: str) -> Answer:
    """To who is no admin, where only admins may."""
    way = "Ask one of them to do it; on my Home tab they choose who may."
    return refuse(f"Only admins and owners of this workspace may use {what}", Lines((way,)))


def refuse_group(what: str, group: Group | None) -> Answer:
    """To who is not in the user group whose members may; None for one that is gone."""
    way = "Ask one of them to do it, or to take you in; admins choose on my Home tab who may."
    if group is None:
        way = "The user group that was chosen is gone; an admin chooses another on my Home tab."
        return refuse(f"Only admins of this workspace may use {what} now", Lines((way,)))
    title = f"Only members of @{group.handle}, and admins of the workspace, may use {what}"
    return refuse(title, Lines((way,)))
