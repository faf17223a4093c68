"""Import of CSV and Excel files: recognise, preview, load once, list what was rejected and why."""
