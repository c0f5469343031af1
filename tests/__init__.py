"""The tests. A package, since a library among their dependencies installs one of the same name."""
