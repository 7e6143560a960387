"""What the operator decides: one frozen Settings from config/newsbot.toml and the environment."""

from bot.settings.chats import DiscordSettings, SlackSettings
from bot.settings.health import HealthSettings
from bot.settings.load import find_config_dir, load_settings, sift_settings
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
from bot.settings.status import StatusSettings
from bot.settings.values import parse_roles

__all__ = [
    "CatalogueSettings",
    "DatabaseSettings",
    "DeliverSettings",
    "DiscordSettings",
    "FetchSettings",
    "HealthSettings",
    "LogSettings",
    "ParseSettings",
    "PollSettings",
    "Settings",
    "SlackSettings",
    "StatusSettings",
    "StoriesSettings",
    "SummariesSettings",
    "find_config_dir",
    "load_settings",
    "parse_roles",
    "sift_settings",
]
