"""What proves the audit log: checkpoints, verification, proofs and export."""
