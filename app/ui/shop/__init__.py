"""Production jobs, tools, the operator's machine and the lathes side by side."""
