"""Databases that a plant already has, read where they are and never written."""
