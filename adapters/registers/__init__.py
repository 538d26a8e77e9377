"""Registers: the organisation's own systems, each behind the contract of `sync.ports.register`."""
