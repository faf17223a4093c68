"""The parts of the pages about people: users, roles, keys, one's own account, factories."""
