"""Fuzzing of what strangers' bytes reach: the reading of feeds, and the cleaning of text.

    python -m tests.fuzz feeds --minutes 30
    python -m tests.fuzz text --minutes 30

Needs the extra "fuzz". What a run found is written by hand into ``test_seeds.py``.
"""
