"""The desk: a page and an HTTP API over `sync.freshness`, and the endpoints that watch the daemon."""
