"""The steps of the way of a change, each over one page. `sync.pipeline` puts them in order."""
