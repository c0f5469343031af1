"""
What the last run read and found, kept in a file, so that the next run reads only what changed.

The file is a cache: throwing it away costs one full reading, and nothing else.
"""
