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
# # 3. A study of anomalies
# Learn what is normal from two days, then look at the third. The detector is PCA on lagged windows, with a threshold
# under a budget of false alarms; `docs/analytics.md` has its method.

# %%
from analytics import anomaly
from app.notebook import open_plant

plant = open_plant()
signals = plant.signals("press-1", "last 4 days", "2 min").dropna(axis=1, how="all")
days = signals.index.normalize().unique()
normal, new = signals[signals.index < days[2]], signals[signals.index >= days[2]]
normal.describe().T.head()

# %%
detector = anomaly.fit(normal, false_alarms_per_week=1.0)
scored = detector.score(new)
print(f"{int(scored['is_anomaly'].sum())} of {len(scored)} steps stand out")

# %% [markdown]
# Episodes: one per cause, with the parameters that contributed most.

# %%
anomaly.episodes(scored).head()

# %% [markdown]
# The same scan as a job of the app keeps its episodes, and people label them true or false: see the page *Anomalies*.

# %%
plant.close()
