"""Tables of context: what their columns mean, and how their figures add up."""
