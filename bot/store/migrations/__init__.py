"""The history of the schema, run by ``bot/store/migrate.py`` without an alembic.ini."""
