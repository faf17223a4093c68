"""Who comes in: log-in, invitations and resets, the session of a page, redirects."""
