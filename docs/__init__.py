"""The documentation; docs/site makes pages of it."""
