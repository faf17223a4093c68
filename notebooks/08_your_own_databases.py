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
# the page *Sources* or with `python -m app sources`. Here the stores of the open plant are shown, whatever they are.

# %%
from app.notebook import open_plant

plant = open_plant()
gemba = plant.access.gemba
health = gemba.telemetry.health(plant.access.factory.slug)
print(gemba.settings.relational_url.partition("://")[0], "|", health.engine, health.version)

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
