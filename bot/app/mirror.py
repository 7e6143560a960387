"""Stories as the people of each workspace may see them."""

from __future__ import annotations

from bot.commands.views import view_stories
from bot.matching import Watchers
from bot.model import Catalogue, Destination, Message, Story
from bot.ports import StoryStore
from bot.summaries import make_message


class Mirror:
    """Shows stories to each workspace with the companies it knows, under their names."""

    def __init__(self, store: StoryStore, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._watchers = Watchers(catalogue)
        self._named = catalogue
        self._revision = 0

    async def view(self, story: Story, destination: Destination) -> Story:
        """``story`` as the people of ``destination`` may see it, by what they watch now."""
        revision = await self._store.watches_revision()
        if revision != self._revision:
            self._watchers = Watchers(self._catalogue, await self._store.find_watches())
            self._named = self._watchers.catalogue
            self._revision = revision
        place = (destination.platform, destination.workspace)
        (seen,) = await view_stories(self._store, self._watchers, [story], *place)
        return seen

    def render(self, story: Story) -> Message:
        """The message of a story that was viewed."""
        return make_message(story, self._named)
