"""What is looked at: the selection bar, ranges in the factory's clock, links that carry them along."""
