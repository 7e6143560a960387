"""``config/*.toml``: who is who, who publishes, what is polled."""

from bot.catalogue.feedlist import load_feed_list, sift_feed_list, write_opml
from bot.catalogue.load import load_catalogue

__all__ = ["load_catalogue", "load_feed_list", "sift_feed_list", "write_opml"]
