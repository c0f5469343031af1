"""Bank statements and payout reports of payment providers: what money moved, and how it is read."""
