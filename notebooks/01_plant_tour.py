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
# # 1. A tour of a plant
# One import, then one line to each frame. `open_plant()` opens the demo plant of the state folder (`make demo`
# makes it); `open_plant("my-plant")` opens another factory. Times are words, in the factory's zone.

# %%
from app.notebook import open_plant

plant = open_plant()
plant.machines()

# %% [markdown]
# How was the last week, and where? Each figure comes with its bounds and the share of time that is known.

# %%
week = plant.oee("last 7 days", by=["machine"])
week[["machine", "oee", "availability", "performance", "quality", "coverage"]].sort_values("oee")

# %% [markdown]
# What changed against the week before, and what does it cost?

# %%
for sentence in plant.insights("last 3 days")[:5]:
    print("-", sentence)

# %% [markdown]
# Questions in plain words are answered from the KPI registry; the query that was understood is part of the answer.

# %%
answer = plant.ask("worst 3 machines by availability in the last 3 days")
print(answer.sentence)
print(answer.query)

# %%
plant.close()
