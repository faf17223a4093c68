"""Rules: the list, the editor, looking back, versions, files."""
