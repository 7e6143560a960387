"""The channel that a call of ``/alerts`` is about, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.commands.command import Call
from bot.commands.wording import name_workspace
from bot.errors import InputInvalid
from bot.matching import Watchers
from bot.model import Catalogue, Destination, Platform, Subscription
from bot.ports import PlaceProblem


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel or thread of the call's workspace.

    Attributes:
        subscription: None where no news is posted there.
        watchers: everybody's.
        catalogue: as the workspace knows it.
    """

    destination: Destination
    subscription: Subscription | None
    watchers: Watchers
    catalogue: Catalogue

    def need_subscription(self) -> Subscription:
        """The subscription.

        Raises:
            InputInvalid: there is none.
        """
        if self.subscription is None:
            raise InputInvalid(
                "No news is posted in that channel. /alerts subscribe starts it, and "
                "/alerts list shows the channels that get news."
            )
        return self.subscription


async def find_channel(call: Call) -> Channel:
    """The channel that the option "channel" names, or where the call was typed.

    What is typed in a thread of Slack is about its channel, unless the thread itself gets news:
    people answer there to a post, and a thread is no place of its own.

    Raises:
        InputInvalid: the call was typed in a conversation with the bot alone, or outside every
            channel without naming one.
    """
    if call.is_direct:
        there = name_workspace(call.place.platform)
        raise InputInvalid(f"That is for the channels of a {there}; type it there.")
    place, store = call.place, call.office.store
    channel, _, thread = call.text("channel").partition("/")
    wanted = thread or channel or _id_of(place)
    subscriptions = await store.find_subscriptions(place.platform, place.workspace)
    by_id = {_id_of(one.destination): one for one in subscriptions}
    if found := by_id.get(wanted):
        destination = found.destination
    elif wanted != _id_of(place):
        destination = replace(place, channel=channel, thread=thread)
    elif place.platform is Platform.SLACK and not channel:
        destination = replace(place, thread="")
        found = by_id.get(_id_of(destination))
    else:
        destination = place
    if not destination.channel:
        raise InputInvalid("channel: say which one; it was asked for outside every channel.")
    watchers = Watchers(call.office.catalogue, await store.find_watches())
    catalogue = watchers.catalogue_of(place.platform, place.workspace)
    return Channel(destination, found, watchers, catalogue)


async def enter(call: Call, destination: Destination) -> None:
    """Have the bot where posts are to be made, as somebody wants them there now."""
    if places := call.office.places.get(destination.platform):
        await places.enter(destination)


async def find_problems(call: Call, destination: Destination) -> tuple[PlaceProblem, ...]:
    """What the platform says of posts there; () where nobody can say."""
    places = call.office.places.get(destination.platform)
    return await places.find_problems(destination) if places else ()


def clean(wanted: Subscription, *, now: datetime) -> Subscription:
    """``wanted`` without mutes and a pause that ran out."""
    is_over = wanted.paused_until is not None and wanted.paused_until <= now
    return replace(
        wanted,
        paused_until=None if is_over else wanted.paused_until,
        mutes=tuple(mute for mute in wanted.mutes if mute.holds(now)),
    )


def _id_of(place: Destination) -> str:
    """A thread goes by its own id where the platform gives it one."""
    return place.thread or place.channel
