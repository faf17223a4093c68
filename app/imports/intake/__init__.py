"""What each kind of file stores: rows are checked, compared with the store, and written once."""
