"""The tables, one schema for SQLite and PostgreSQL.

A change here needs a migration in ``migrations/versions``; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    and_,
    false,
    literal_column,
    true,
)

from bot.store.columns import ForeignText, Moment, Words

MAX_EDITS = 24  # old texts kept for one entry
PLACE = ("platform", "workspace", "channel", "thread")  # the columns that name a destination

# Named, so that a later migration can drop a constraint on either engine.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


# SQLite numbers rows by itself only where the type is INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")

feeds = Table(
    "feeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True),  # where it is polled
    Column("given_url", Text, nullable=False, unique=True),  # as configured or added; stays
    Column("origin", Text, nullable=False),
    Column("is_retired", Boolean, nullable=False),
    Column("title", ForeignText, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("next_due_at", Moment, nullable=False),
    Column("interval_s", Float),
    Column("etag", ForeignText),
    Column("last_modified", ForeignText),
    Column("body_hash", Text, nullable=False),
    Column("first_poll_done", Boolean, nullable=False),
    Column("polled_at", Moment),
    Column("changed_at", Moment),
    Column("fetched_whole_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("error", ForeignText, nullable=False),
    Column("moved_to", ForeignText, nullable=False),
    Column("moved_since", Moment),
    Column("added_by", Text, nullable=False, server_default=""),  # "platform/workspace"
    Column("added_person", Text, nullable=False, server_default=""),
    Column("added_at", Moment),
    Column("answered_at", Moment),
    Column("trouble", Text, nullable=False, server_default=""),
    Column("failing_since", Moment),
    Column("flaw", ForeignText, nullable=False, server_default=""),
    Column("marks", LargeBinary),  # NULL as good as empty
    Column("gap_s", Float),
    Column("flagged_at", Moment),
    Column("told", Text, nullable=False, server_default=""),
    Column("told_at", Moment),
    Column("hub", ForeignText, nullable=False, server_default=""),
    Column("topic", ForeignText, nullable=False, server_default=""),
    Column("bucket", Integer, nullable=False, server_default="0"),  # bucket_of its url
)
is_polled = feeds.c.is_retired == false()
# The condition is that of both engines. The migrations, which make the indexes, say so to both;
# here PostgreSQL is not named, as that would load its dialect, 2 MB that few need.
Index("ix_feeds_due", feeds.c.next_due_at, sqlite_where=is_polled)
BUCKET_INDEX = "ix_feeds_bucket"
"""Of PostgreSQL alone, and of what is polled: one process polls all parts where it is SQLite."""
Index(BUCKET_INDEX, feeds.c.bucket, feeds.c.next_due_at).ddl_if(dialect="postgresql")
was_flagged = feeds.c.flagged_at.is_not(None)
Index(
    "ix_feeds_flagged",
    feeds.c.flagged_at,
    sqlite_where=was_flagged,
)

hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    Column("feed_id", ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("hub", ForeignText, nullable=False),
    Column("topic", ForeignText, nullable=False),
    Column("token", Text, nullable=False, unique=True),
    Column("secret", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("next_try_at", Moment, nullable=False, index=True),
    Column("lease_until", Moment),
    Column("failures", Integer, nullable=False),
    Column("error", ForeignText, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("feed_id", ForeignKey("feeds.id"), nullable=False),
    Column("key", LargeBinary, nullable=False),  # the decisive one, as in entry_keys
    Column("story_id", Text, nullable=False),  # "" where it is not ours
    Column("guid", ForeignText),
    Column("link", ForeignText),
    Column("link_key", LargeBinary),  # of the link as links compare, see rows.digest_link_or_none
    Column("title", ForeignText, nullable=False),
    Column("summary", ForeignText, nullable=False),
    Column("body", ForeignText, nullable=False),  # "" unless it belongs to a story
    Column("outlet", ForeignText, nullable=False),
    Column("reasons", Words, nullable=False),
    Column("filed", ForeignText, nullable=False, server_default=""),  # why it is in its story
    Column("text_hash", Text, nullable=False),
    Column("revision", Integer, nullable=False),  # of the text: 1, one more with each edit
    Column("seen_at", Moment, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("listed_at", Moment, nullable=False),
)
is_in_no_story = entries.c.story_id == literal_column("''")  # a literal: partial indexes need it
Index(
    "ix_entries_forgettable",
    entries.c.listed_at,
    sqlite_where=is_in_no_story,
)
is_in_a_story = entries.c.story_id != literal_column("''")
Index(
    "ix_entries_story",
    entries.c.story_id,
    sqlite_where=is_in_a_story,
)
Index("ix_entries_link_key", entries.c.link_key)

# ``key`` is a digest (see rows.digest_key): guids may be longer than an index row.
entry_keys = Table(
    "entry_keys",
    metadata,
    Column("feed_id", Integer, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("entry_id", ForeignKey("entries.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("feed_id", "key"),
    sqlite_with_rowid=False,
)

entry_edits = Table(
    "entry_edits",
    metadata,
    Column("entry_id", ForeignKey("entries.id", ondelete="CASCADE"), nullable=False),
    Column("revision", Integer, nullable=False),  # the one this text was
    Column("link", ForeignText),
    Column("title", ForeignText, nullable=False),
    Column("summary", ForeignText, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("replaced_at", Moment, nullable=False),
    PrimaryKeyConstraint("entry_id", "revision"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", Text, primary_key=True),
    Column("headline", ForeignText, nullable=False),
    Column("summary", ForeignText, nullable=False),
    Column("link", ForeignText),
    Column("outlet", ForeignText, nullable=False),
    Column("event", Text, nullable=False),
    Column("is_pair", Boolean, nullable=False),
    Column("is_history", Boolean, nullable=False),
    Column("is_pair_to_all", Boolean, nullable=False, server_default=true()),
    Column("is_relevant", Boolean, nullable=False, server_default=true()),  # to everybody
    Column("opened_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False, index=True),
    Column("published_at", Moment, nullable=False, index=True),
    Column("words", Words, nullable=False),
    Column("lang", ForeignText, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reasons", Words, nullable=False),
    Column("tie", Text, nullable=False, server_default=""),  # how it hangs on the one below
    Column("tie_story_id", Text, index=True),
    Column("tie_headline", ForeignText),
    Column("tie_link", ForeignText),
    Column("version", Integer, nullable=False, server_default="1"),  # one more with each write
)

# What open stories are found under; the newest are wanted, so the time is part of the key.
story_terms = Table(
    "story_terms",
    metadata,
    Column("term", ForeignText, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("story_id", ForeignKey("stories.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("term", "updated_at", "story_id"),
    sqlite_with_rowid=False,
)

story_coverage = Table(
    "story_coverage",
    metadata,
    Column("story_id", ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("outlet", ForeignText, nullable=False),
    Column("title", ForeignText, nullable=False),
    Column("link", ForeignText),
    Column("feed_id", Integer, nullable=False),
    Column("entry_key", ForeignText, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("published_at", Moment, nullable=False),
    PrimaryKeyConstraint("story_id", "position"),
)

story_companies = Table(
    "story_companies",
    metadata,
    Column("story_id", ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),  # or "watched": named up front, for its watchers
    Column("position", Integer, nullable=False),
    Column("company", Text, nullable=False),
    PrimaryKeyConstraint("story_id", "role", "position"),
    Index("ix_story_companies_company", "company", "story_id"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),  # counts up: the order of subscribing
    Column("platform", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("subscribed_at", Moment, nullable=False),
    Column("events", Words, nullable=False, server_default="[]"),
    Column("companies", Words, nullable=False, server_default="[]"),
    Column("min_outlets", Integer, nullable=False, server_default="1"),
    Column("rhythm", Text, nullable=False, server_default="live"),
    Column("at", Text, nullable=False, server_default="09:00:00"),  # wall time, as ISO 8601
    Column("time_zone", Text, nullable=False, server_default="UTC"),
    Column("quiet_start", Text),  # wall time; NULL, and the end too: no quiet hours
    Column("quiet_end", Text),
    Column("ping_role", Text),  # NULL: nobody is called
    Column("ping_is_for_pairs", Boolean, nullable=False, server_default=false()),
    Column("ping_events", Words, nullable=False, server_default="[]"),
    Column("opens_threads", Boolean, nullable=False, server_default=false()),
    Column("paused_until", Moment),
    Column("parked", ForeignText, nullable=False, server_default=""),  # why, "" if it is not
    Column("subscribed_by", Text, nullable=False, server_default=""),
    UniqueConstraint("platform", "workspace", "channel", "thread"),
)

mutes = Table(
    "mutes",
    metadata,
    Column("subscription_id", ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", ForeignText, nullable=False),
    Column("position", Integer, nullable=False),
    Column("until", Moment),
    Column("muted_by", Text, nullable=False),
    PrimaryKeyConstraint("subscription_id", "kind", "subject"),
)

# Of stories that may be gone by then: so it names them, and keeps what it is about.
feedback = Table(
    "feedback",
    metadata,
    Column("story_id", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("said_at", Moment, nullable=False),
    Column("companies", Words, nullable=False),
    Column("headline", ForeignText, nullable=False),
    PrimaryKeyConstraint("story_id", "platform", "workspace", "said_by"),
    Index("ix_feedback_platform", "platform", "workspace", "said_at"),
)

watches = Table(
    "watches",
    metadata,
    Column("id", Integer, primary_key=True),  # counts up: the order of adding
    Column("platform", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("slug", Text, nullable=False),  # of the name, see matching.watch_key
    Column("name", ForeignText, nullable=False),
    Column("role", Text, nullable=False),
    Column("aliases", Words, nullable=False),
    Column("needs", Words, nullable=False),
    Column("unless", Words, nullable=False),
    Column("exact_case", Boolean),  # NULL: as the name suggests
    Column("is_alone", Boolean, nullable=False),
    Column("added_at", Moment, nullable=False),
    UniqueConstraint("platform", "workspace", "slug"),
)

# The latest thousand of each workspace, see store/audit.py.
audit = Table(
    "audit",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("said_by", Text, nullable=False),  # "": the operator
    Column("said", ForeignText, nullable=False),
    Index("ix_audit_platform", "platform", "workspace", "at", "id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("story_id", ForeignKey("stories.id"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("sent_revision", Integer, nullable=False),
    Column("message_ref", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment, nullable=False),
    Column("lease_until", Moment),  # set while SENDING
    Column("error", ForeignText, nullable=False),
    Column("opened_at", Moment, nullable=False, server_default="0"),  # its story was; stays
    Column("unclear_since", Moment),  # set by the lease of a first post
    Column("was_unclear", Boolean, nullable=False, server_default=false()),  # before that lease
    Column("ping", Text, nullable=False, server_default=""),
    Column("is_gathered", Boolean, nullable=False, server_default=false()),
    Column("opens_thread", Boolean, nullable=False, server_default=false()),
    Column("digest_id", Text, nullable=False, server_default=""),  # id of the one that leads it
    Index("ix_deliveries_story_id", "story_id", *PLACE),
    Index("ix_deliveries_platform", *PLACE, "state", "opened_at", "story_id"),
)
# Literals: SQLite uses a partial index only where the query repeats its condition.
is_owed = deliveries.c.state == literal_column("'owed'")
is_sending = deliveries.c.state == literal_column("'sending'")
is_fresh = and_(is_owed, deliveries.c.sent_revision == literal_column("0"))
is_digest = deliveries.c.digest_id != literal_column("''")
for _name, _columns, _condition in (
    ("due", ("next_attempt_at", "opened_at", "story_id", "id"), is_owed),
    ("lease_until", ("lease_until",), is_sending),
    ("fresh", ("opened_at", "id"), is_fresh),
    ("digest_id", ("digest_id",), is_digest),
):
    Index(
        f"ix_deliveries_{_name}",
        *(deliveries.c[column] for column in _columns),
        sqlite_where=_condition,
    )

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
