from __future__ import annotations

import pytest

from bot.delivery.parking import admit_unclear
from bot.errors import SendError, SendParked, SendRefused, SendRefusedForNow, SendUnclear


def test_what_was_put_off_may_have_arrived_by_an_earlier_request() -> None:
    assert isinstance(admit_unclear(SendRefusedForNow("later")), SendUnclear)


@pytest.mark.parametrize("kind", [SendParked, SendRefused])
def test_what_was_refused_may_be_there_all_the_same(
    kind: type[SendParked | SendRefused],
) -> None:
    admitted = admit_unclear(kind("x"))

    assert isinstance(admitted, kind)
    assert (str(admitted), admitted.is_unclear) == ("x", True)


def test_what_is_unclear_stays_so() -> None:
    said: SendError = SendUnclear("no answer")

    assert admit_unclear(said) is said
