"""One source, one ``<name>.toml`` and one small ``<name>.py``."""
