"""The command line: one module per group of commands, each calling one use case and printing."""
