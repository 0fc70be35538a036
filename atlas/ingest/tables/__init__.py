"""Where the table is in a sheet, what each of its columns is, and its rows as they were meant."""
