"""What happens to a change.

Knows no HTTP, no SQL, no file and no clock of its own: everything outside comes in through `sync.ports`.
"""
