"""Asks feeds' servers, politely and within bounds: the Fetcher port over HTTP."""

from bot.fetching.client import HttpFetcher
from bot.fetching.guard import AllowedAddress, check_url, parse_allowed
from bot.fetching.limits import FetchLimits

__all__ = [
    "AllowedAddress",
    "FetchLimits",
    "HttpFetcher",
    "check_url",
    "parse_allowed",
]
