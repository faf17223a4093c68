"""Our own routes: figures, records, batches, telemetry, imports, the audit log."""
