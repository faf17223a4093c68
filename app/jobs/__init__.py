"""Durable background jobs: the job table is the queue, runners claim from it."""
