"""From a file to the tables of `atlas.model`: readers, columns, values, sources, pipeline."""
