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
# # 5. A forecast of energy
# The hourly power of the arc furnace, and the next day with its bands. Five models are tested on the series itself; the default
# is the median of the best three, and the result says whether it beats the naive guess.

# %%
import pandas as pd

from analytics import forecast
from app.notebook import open_plant

plant = open_plant()
power = plant.signals("eaf-1", "last 7 days", "60 min")["power_kw"]
hourly = power.asfreq("1h").interpolate(limit=2)
hourly.tail(3)

# %%
told = forecast.forecast(hourly, 24, floor=0.0)
print(told.attrs["told"])
told.head()

# %% [markdown]
# Each model with its error in units of the naive guess's (MASE).

# %%
pd.Series(told.attrs["ranking"], name="MASE")

# %%
plant.close()
