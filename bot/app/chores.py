"""What is done now and then, by which role, and how often.

Of several processes the one that leads has all of it done, whatever roles it has itself.
"""

from __future__ import annotations

from bot.app.feedwatch import LOOK_EVERY_S
from bot.app.keeping import EVERY_S as KEEP_EVERY_S
from bot.model import ProcessRole
from bot.scheduling.engine import Timing

TEND_EVERY_S = 15.0
"""Three short questions to the store, where nothing is to be done at hubs."""

WATCH_FEEDS = Timing("watch_feeds", ProcessRole.DELIVER, LOOK_EVERY_S)
DROP_OLD = Timing("drop_old", ProcessRole.SCHEDULE, KEEP_EVERY_S)
TEND_HUBS = Timing("tend_hubs", ProcessRole.WEB, TEND_EVERY_S)

ALL_TIMINGS = (WATCH_FEEDS, DROP_OLD, TEND_HUBS)
