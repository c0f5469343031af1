"""A foreign company's past: its master data for the simulated ERP, its documents as an oracle."""
