"""What the factory sets for its figures: targets, rates, days that are not worked."""
