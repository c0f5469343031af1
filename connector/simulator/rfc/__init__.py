"""The RFC face of the simulated ERP: an object with the interface of ``pyrfc.Connection``."""
