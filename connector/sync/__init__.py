"""
The use cases: what the connector does with orders, flows and steps.

- `context`: `SyncContext` (store, ERP, clock, routes of the channels, options)
- `plan`: `load_plan(path)`, `load_plans(folder)`; who makes which document
- `intake`: `receive(context, channel)`; messages become order versions
- `next_steps`: `next_steps(view, ...)`; pure, what comes next in a flow
- `changed_version`, `order_changes`: what a later version of an order changes in the ERP
- `advance`: `advance(context, flow_id)`; runs what comes next until there is nothing to do
- `submit`, `doubt`, `recover`: exactly once into an ERP that is not idempotent
- `status`: `pull(context)`, `refresh(context, flow_ids)`; what changed in the ERP
- `payments`: incoming payments from what the channel reports
- `passes`: `run_pass(context, channels)`; all of it until idle
- `dry_run`: `run(messages, route, simulate)`; the same path without submitting
- `progress`: `stage_of(view)`, `progress_of(view)`; how far an order is
- `actions`: `retry`, `release`, `cancel`; what a person decides
- `requests`: cancel billing, take back a goods issue, release a billing block
"""
