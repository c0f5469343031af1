"""The daemon: the use cases on a schedule, until it is told to stop."""
