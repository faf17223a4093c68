"""The masters of a plant that people keep by hand: lines, products, and what still refers to one."""
