"""What machines send, and what was measured."""
