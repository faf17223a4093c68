"""Our own routes about people: roles, keys, one's own account."""
