"""The frame around every page, and its theme."""
