"""What one cell says: an amount, a date, a duration, a number of people, yes or no, a person."""
