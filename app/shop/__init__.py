"""Production jobs on machines, the tools that cut them, and what operators and their managers see of both."""
