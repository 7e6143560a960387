"""One feed at a time: fetch, decide in pure code, commit once."""
