"""The store on SQLAlchemy Core: SQLite by default, one schema that PostgreSQL takes as well."""
