"""The tab of a programme: its perimeter and components, what is done of it, and their editor."""
