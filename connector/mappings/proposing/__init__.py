"""A first profile and first rules from sample messages: proposed with reasons, never in use."""
