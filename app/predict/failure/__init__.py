"""Failure models: taught by a machine's past, tested, kept, promoted; its risk now and its remaining life."""
