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
# # 6. Productivity and privacy
# What cameras saw of workers and workstations. Workers stand under pseudonyms; real names need a permission and a reason,
# and each look is in the audit log, so a notebook has none.

# %%
from app.notebook import open_plant

plant = open_plant()
plant.workstations("last 3 days").head()

# %%
people = plant.workers("last 3 days")
assert not {"real_name", "email"} & set(people.columns)
people.head()

# %% [markdown]
# A figure of few people is a figure about persons: show groups, not ranks.

# %%
people[["active_h", "units_per_h"]].describe().round(2)

# %%
plant.close()
