"""Makes a site of docs/*.md and of what the code itself says: ``python -m docs.site``."""
