"""The page on which shifts are handed over."""
