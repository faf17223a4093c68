"""What pages are composed of: palette, formats, figures, charts, tiles, tables, cards, selection."""
