# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 8. Your own databases
# Gemba keeps relational data in MySQL or MariaDB, telemetry in InfluxDB, MongoDB or a SQL table, and documents in MongoDB, by
# settings alone (`docs/stores.md`):
#
# ```
# GEMBA_DATABASE_URL=mysql+pymysql://gemba:secret@db/gemba
# GEMBA_TELEMETRY_URL=influxdb://gemba:secret@influx:8086/plant
# GEMBA_DOCUMENTS_URL=mongodb://mongo/gemba
# ```
#
# A notebook with the same settings opens the same plant. Databases that a plant already has are read where they are, on
# the page *Sources*, with `python -m app sources`, or from a notebook, as below.

# %%
from app.notebook import open_plant

plant = open_plant()
gemba = plant.access.gemba
health = gemba.telemetry.health(plant.access.factory.slug)
print(gemba.settings.relational_url.partition("://")[0], "|", health.engine, health.version)

# %% [markdown]
# Connect to a database of yours: name it in `PLANT_DATABASE`, for example `mysql://reader:secret@db:3306/mes`,
# `mongodb://reader:secret@mongo/plant` or `influxdb://reader:secret@influx:8086/plant`. It is only ever read. Without a name a
# small SQLite file stands in for it.

# %%
import os
import sqlite3

address = os.environ.get("PLANT_DATABASE", "")
if not address:
    folder = gemba.settings.sources_folder / plant.access.factory.slug
    folder.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(folder / "plant.db") as own:
        own.execute(
            "CREATE TABLE IF NOT EXISTS batches (batch TEXT, machine TEXT, good INTEGER, scrap INTEGER)"
        )
        own.execute("DELETE FROM batches")
        own.executemany(
            "INSERT INTO batches VALUES (?, ?, ?, ?)", [("b1", "lathe-1", 96, 4), ("b2", "lathe-2", 50, 0)]
        )
    own.close()
    address = "sqlite:///plant.db"
database = plant.database(address)
print(database.about.engine, database.about.version, database.items())

# %%
database.frame(database.items()[0], most=1_000).head()

# %%
database.close()

# %% [markdown]
# Telemetry through the one interface that every engine has: the newest value of each signal.

# %%
gemba.telemetry.latest(plant.access.factory.slug).head()

# %% [markdown]
# The embedded store is a folder of Parquet files beside a small log; pandas, Polars, Spark or Trino read them as they are.

# %%
import pandas as pd

files = sorted((gemba.settings.home / "telemetry").rglob("*.parquet"))
print(len(files), "files")
pd.read_parquet(files[0]).head() if files else None

# %%
plant.close()
