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
# # 2. OEE and losses
# From calendar time to fully productive time, by reason and by hour. The numbers are those of the pages.

# %%
from app.notebook import open_plant

plant = open_plant()
plant.oee("yesterday", by=["line", "machine"])[["line", "machine", "oee", "oee_lower", "oee_upper"]]

# %% [markdown]
# The six big losses of the plant, in hours.

# %%
losses = plant.losses("last 3 days")
losses["hours"] = losses["loss_us"] / 3.6e9
losses[["loss", "hours", "share"]].round(3)

# %% [markdown]
# The reasons behind the stops; `cumulative_share` makes the Pareto chart.

# %%
stops = plant.stops("last 3 days")
stops[["name", "category", "minutes", "stops", "cumulative_share"]].head(10)

# %% [markdown]
# OEE is a ratio of sums, never a mean of ratios: the plant's figure is not the mean of its machines'.

# %%
whole = plant.oee("yesterday")["oee"].iloc[0]
mean = plant.oee("yesterday", by=["machine"])["oee"].mean()
print(f"ratio of sums {whole:.4f}, mean of ratios {mean:.4f}")

# %% [markdown]
# The timeline of one machine, piece by piece.

# %%
pieces = plant.timeline("yesterday", ["lathe-1"])
pieces[["start", "end", "state", "time_class", "reason"]].head()

# %%
plant.close()
