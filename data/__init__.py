"""Stores and schemas: the only room that knows a table, a key, a driver or a file format."""
