"""Asks servers, politely and within bounds: the Fetcher, ArticleReader and Abstracter ports."""

from bot.fetching.articles import PageReader
from bot.fetching.client import HttpFetcher
from bot.fetching.endpoint import ChatEndpoint, Endpoint
from bot.fetching.guard import AllowedAddress, check_url, parse_allowed
from bot.fetching.limits import FetchLimits

__all__ = [
    "AllowedAddress",
    "ChatEndpoint",
    "Endpoint",
    "FetchLimits",
    "HttpFetcher",
    "PageReader",
    "check_url",
    "parse_allowed",
]
