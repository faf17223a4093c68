"""The routes of the FactoryOps contract, with its shapes and status codes."""
