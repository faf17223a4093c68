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
# # 4. A model of failures
# Whether a part of a lathe's day ends in a failure, from the physics of cutting. The data is simulated by the process of
# AI4I 2020, so that it is here without a download; with your own, `features` is any frame and `failed` its labels.

# %%
import numpy as np
import pandas as pd

from analytics import failure
from analytics.twin import ai4i

made = ai4i.milling(4_000, seed=1)
features = pd.DataFrame(
    {
        "air_k": made.air_k,
        "process_k": made.process_k,
        "speed_rpm": made.speed_rpm,
        "torque_nm": made.torque_nm,
        "wear_min": made.wear_min,
    }
)
failed = pd.Series(made.failure)
features.describe().T.round(1)

# %%
roles = {
    "torque_nm": "torque_nm",
    "speed_rpm": "speed_rpm",
    "process_temperature_k": "process_k",
    "air_temperature_k": "air_k",
    "tool_wear_min": "wear_min",
}
model = failure.fit(features.iloc[:3_000], failed.iloc[:3_000], roles=roles)
risk = model.predict_proba(features.iloc[3_000:])
told = risk >= model.threshold

# %% [markdown]
# How right is it on rows that it has not seen, beside guessing with the usual rate?

# %%
truth = failed.iloc[3_000:].to_numpy()
print(f"{truth.sum()} failures, {int((told & truth).sum())} found, {int((told & ~truth).sum())} false alarms")
print(
    f"Brier score {np.mean((risk - truth) ** 2):.4f}, of the usual rate {np.mean((failed.mean() - truth) ** 2):.4f}"
)
