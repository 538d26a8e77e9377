"""The audit trail outside the database: exported, signed, verified."""
