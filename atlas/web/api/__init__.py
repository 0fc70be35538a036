"""The read-only HTTP interface under ``/api/``: the answers of the page, for other programs."""
