"""The SD documents as frozen models: nouns only, no network, no clock, no database."""
