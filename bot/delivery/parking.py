"""What is said of a post that did not go out, whichever platform refused it."""

from __future__ import annotations

from bot.errors import SendError, SendParked, SendRefused, SendRefusedForNow, SendUnclear
from bot.model import Destination
from bot.ports import Places

RESUME = "then use /alerts resume"
"""The way back, said to people."""


def admit_unclear(said: SendError) -> SendError:
    """``said`` of a call of which an earlier request may have been carried out."""
    if isinstance(said, SendRefusedForNow):
        return SendUnclear(f"{said}; an earlier request may have arrived")
    if isinstance(said, SendParked | SendRefused):
        return type(said)(str(said), is_unclear=True)
    return said


async def explain(parked: SendParked, places: Places, destination: Destination) -> SendParked:
    """``parked`` with what a person must change there, where that can be found out."""
    try:
        problems = await places.find_problems(destination)
    except Exception:  # noqa: BLE001 - the plain words do as well
        return parked
    grave = [one.text for one in problems if one.is_grave]
    if not grave:
        return parked
    return SendParked(f"{'; '.join(grave)}; {RESUME}", is_unclear=parked.is_unclear)
