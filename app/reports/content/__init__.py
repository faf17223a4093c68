"""What a report says, where it comes from, and a digest over all that was read for it."""
