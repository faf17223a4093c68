"""Who belongs to a factory and what each may do: users, invitations, roles, keys, one's own account."""
