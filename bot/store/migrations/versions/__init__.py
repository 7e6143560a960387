"""One module per change of the schema, oldest first; never edited once released."""
