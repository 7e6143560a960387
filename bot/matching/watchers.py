"""Who watches what: one set of companies to look for, and a view of each story for each place.

Workspaces do not see each other's watches: neither the stories that are news only to the
others, nor the names of companies that only the others look for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from bot.matching.watches import company_of, find_known, with_watched
from bot.model import Catalogue, Company, Platform, Story, Watch


class Watchers:
    """The watches of all workspaces over one catalogue; made anew when any changes.

    A watch that the catalogue has come to know, or that no longer may be one, is passed over.
    """

    def __init__(self, catalogue: Catalogue, watches: Iterable[Watch] = ()) -> None:
        self._catalogue = catalogue
        self._companies: dict[str, Company] = {}
        self._own: defaultdict[tuple[Platform, str], list[str]] = defaultdict(list)
        for watch in watches:
            try:
                company = company_of(watch)
            except ValueError:  # stored by a version that took it
                continue
            if not find_known(company.name, catalogue):
                self._companies[company.id] = company
                self._own[watch.platform, watch.workspace].append(company.id)

    @property
    def companies(self) -> tuple[Company, ...]:
        """All that must be looked for, each once."""
        return tuple(self._companies.values())

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue with everybody's companies: it has a name for every id."""
        return with_watched(self._catalogue, self.companies)

    def ids_of(self, platform: Platform, workspace: str) -> tuple[str, ...]:
        """The companies this workspace watches besides, in order of adding."""
        return tuple(self._own.get((platform, workspace), ()))

    def catalogue_of(self, platform: Platform, workspace: str) -> Catalogue:
        """The catalogue as this workspace knows it."""
        own = self.ids_of(platform, workspace)
        return with_watched(self._catalogue, (self._companies[company] for company in own))

    def is_for(self, story: Story, platform: Platform, workspace: str) -> bool:
        """Whether ``story`` is news to this workspace."""
        own = self.ids_of(platform, workspace)
        return story.is_relevant or not frozenset(own).isdisjoint(story.watched)

    def view(self, story: Story, platform: Platform, workspace: str) -> Story:
        """``story`` with the companies this workspace knows; a pair needs both in view.

        A pair that only a watched company makes is one for those who watch a company of it.
        """
        own = set(self.ids_of(platform, workspace))
        known = self._catalogue.companies.keys() | own
        is_pair = story.is_pair and (
            story.is_pair_to_all or not own.isdisjoint(story.makers + story.carriers)
        )
        makers, carriers, others, watched = (
            tuple(company for company in companies if company in known)
            for companies in (story.makers, story.carriers, story.others, story.watched)
        )
        return replace(
            story,
            makers=makers,
            carriers=carriers,
            others=others,
            watched=watched,
            is_pair=is_pair and bool(makers and carriers),
        )
