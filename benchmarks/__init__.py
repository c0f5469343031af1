"""Measurements of the connector, each as a ratio to a floor measured in the same run."""
