"""Asks servers, politely and within bounds: ports for feeds, articles and summaries."""

from bot.fetching.articles import PageReader
from bot.fetching.client import HttpFetcher
from bot.fetching.endpoint import ChatEndpoint, Endpoint
from bot.fetching.finder import WebFeedFinder
from bot.fetching.guard import AllowedAddress, check_url, foresee_refusal, parse_allowed
from bot.fetching.hubs import WebHubAsker
from bot.fetching.limits import FetchLimits

__all__ = [
    "AllowedAddress",
    "ChatEndpoint",
    "Endpoint",
    "FetchLimits",
    "HttpFetcher",
    "PageReader",
    "WebFeedFinder",
    "WebHubAsker",
    "check_url",
    "foresee_refusal",
    "parse_allowed",
]
