"""What the demo plant has beside its machines and its history."""
