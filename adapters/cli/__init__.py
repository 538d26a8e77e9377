"""The command line: it asks `sync` and prints; it decides nothing."""
