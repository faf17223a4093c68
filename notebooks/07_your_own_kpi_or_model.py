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
# # 7. Your own KPI or model in the app
# A function of yours becomes a signal of a machine: pages, rules, charts, control charts and forecasts take it like any
# other. Here it is a heat index: how far the spindle's power is above what is usual at its speed.

# %%
import numpy as np
import pandas as pd

from app.notebook import open_plant

plant = open_plant()


def load_index(signals: pd.DataFrame) -> pd.Series:
    """How far each step's power is above its median, in units of its usual spread."""
    power = signals.filter(like="power").iloc[:, 0]
    spread = (power - power.median()).abs().median()
    return (power - power.median()) / (1.4826 * spread if spread > 0 else 1.0)


signals = plant.signals("lathe-1", "yesterday", "5 min")
index = load_index(signals)
index.describe().round(2)

# %% [markdown]
# Publish it. The embedded telemetry store has one writer: with a running server, send it to the API instead
# (`POST /api/v1/telemetry` with a key of your factory), or let the server compute it, as below.

# %%
taken = plant.publish("lathe-1", "load_index", index, unit="σ")
print(f"{taken} points; they are on the page Machine now")
assert np.allclose(plant.signals("lathe-1", "yesterday", "5 min")["load_index"].dropna(), index.dropna())

# %% [markdown]
# To run it every hour without a notebook, register it as a kind of job: write this module into the folder `own` of the
# state folder, set `GEMBA_OWN_MODULES=load_index`, start the server and add a schedule on the page *Jobs*.

# %%
MODULE = """
from app.jobs.context import JobContext
from app.jobs.registry import job


@job("load_index", title="Load index")
def tell(context: JobContext) -> dict[str, object]:
    latest = context.access.gemba.telemetry.latest(context.access.factory.slug, parameters=["power_kw"])
    context.progress(1.0, "told")
    return {"text": f"{len(latest)} machines tell their power", "highest": float(latest["value"].max())}
"""
own = plant.access.gemba.settings.home / "own"
own.mkdir(exist_ok=True)
(own / "load_index.py").write_text(MODULE)
print("written to", own.name)

# %%
plant.close()
