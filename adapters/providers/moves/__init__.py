"""Change-of-address notices in the open format `ajantasa-moves/1`, over HTTP or as files in a folder."""
