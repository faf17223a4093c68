"""What jobs need, imported once by the process that their children are forked from."""

from importlib import import_module
from typing import Final

LIBRARIES: Final = (
    "analytics.anomaly", "analytics.failure", "analytics.forecast", "analytics.oee", "duckdb", "pymysql",
    "sklearn.decomposition", "sklearn.ensemble", "sqlalchemy.dialects.mysql.pymysql",
    "sqlalchemy.dialects.sqlite",
)  # fmt: skip

for library in LIBRARIES:
    import_module(library)
