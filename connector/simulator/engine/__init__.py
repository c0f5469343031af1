"""
The business engine of the simulated ERP: plain Python, no protocol.

What it offers (see `erp.py` and `session.py` for every signature):

- `erp.SimulatedErp(master_data, clock, settings, state_file=None)`: reads of committed documents,
  background jobs, faults, reset; thread-safe.
- `SimulatedErp.session(user)` gives a `session.Session`: creates and changes, buffered until
  `commit(wait)`; every write answers with an `outcome.Outcome` (numbers and message rows).
- `specs.py`: what a caller hands in. `sales_records.py`, `logistics_records.py` and
  `finance_records.py`: what a reader gets back. Records are values: never change one in place.
- `master_data.MasterData.load(folder, ...)` or `.from_tables(rows)`: the simulated company.
- `clock.SimulatedClock` (moves only when told) and `clock.WallClock`.
- `settings.EngineSettings`: every behaviour of SAP that is not certain, with its default.

Numbers of documents and of customers are zero-padded to ten inside. Amounts and quantities are
`Decimal`, dates are `date`, moments are aware UTC `datetime`.
"""
