"""Where Slack and people come in by HTTP: paths behind ``slack.public_url``."""

from __future__ import annotations

EVENTS_PATH = "/slack/events"
"""Slack sends events, commands and whatever people press to it."""

INSTALL_PATH = "/slack/install"
"""People begin there to add the bot to their workspace."""

REDIRECT_PATH = "/slack/oauth_redirect"
"""Slack sends them back to it with a code."""

HEALTH_PATH = "/healthz"
"""Says whether the bot is well."""
