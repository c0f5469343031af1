"""
What the OData services serve: the engine's documents as entities, and entities as requests to it.

`registry.service_entities` gives what is behind a service. Each document has its modules: rows that
show it, sources that find it, and writers that ask the engine to create or change it.
"""
