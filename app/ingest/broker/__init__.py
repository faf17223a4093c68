"""The broker's side: the connection, and what waits between it and the stores."""
