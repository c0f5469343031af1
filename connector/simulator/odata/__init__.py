"""
The OData v2 face of the simulated ERP.

The protocol half parses requests, checks them against the service's schema and writes the answers;
the entities half (`entities/`) fills entity sets from the engine. They meet in `entity_set`.
"""
