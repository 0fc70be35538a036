"""The import page: drop files, look at what was read, publish, undo."""
