"""The reading side: a consistent view, the rows that answer a question, and the answers."""
