"""Pages: what one costs the server, and how soon a browser shows it."""
