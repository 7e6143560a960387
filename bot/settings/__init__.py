"""What the operator decides: one frozen Settings from config/newsbot.toml and the environment."""

from bot.settings.chats import DiscordSettings, SlackSettings
from bot.settings.load import find_config_dir, load_settings
from bot.settings.model import (
    CatalogueSettings,
    DatabaseSettings,
    DeliverSettings,
    FetchSettings,
    LogSettings,
    ParseSettings,
    PollSettings,
    Settings,
    StoriesSettings,
    SummariesSettings,
)

__all__ = [
    "CatalogueSettings",
    "DatabaseSettings",
    "DeliverSettings",
    "DiscordSettings",
    "FetchSettings",
    "LogSettings",
    "ParseSettings",
    "PollSettings",
    "Settings",
    "SlackSettings",
    "StoriesSettings",
    "SummariesSettings",
    "find_config_dir",
    "load_settings",
]
