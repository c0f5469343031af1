"""RFC_READ_TABLE: database tables as views on the engine's records."""
