"""Speed, measured beside the peer in the same run: ``make bench`` prints the table."""
