"""Files as tables of text: true line numbers, chunks of rows, nothing guessed about their meaning."""
