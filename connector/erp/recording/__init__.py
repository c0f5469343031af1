"""Recordings of the calls to an ERP, without the data of people, and replaying them."""
