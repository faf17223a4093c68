"""What many plants need, from measured rates."""
