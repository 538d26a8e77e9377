"""Who tells us what changed: one file or folder for each provider."""
