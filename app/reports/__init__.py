"""Reports: gathered once, rendered as PDF, Excel, CSV or JSON, provable, kept for their days, mailed."""
