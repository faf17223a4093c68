"""The timeline as it is drawn: its pieces, thinned where they are many."""
