"""Simulated machines for the tests of anomalies."""

import numpy as np
import pandas as pd


def machine(rows: int, seed: int = 1, channels: int = 4, every: str = "1min") -> pd.DataFrame:
    """Correlated channels with memory, all well."""
    chance = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(channels, channels))
    noise = chance.normal(size=(rows, channels)) @ mixing
    values = np.empty_like(noise)
    last = np.zeros(channels)
    for at, row in enumerate(noise):
        last = 0.6 * last + row
        values[at] = last
    index = pd.date_range("2025-03-03", periods=rows, freq=every, tz="UTC")
    return pd.DataFrame(values + 50, index=index, columns=[f"p{at}" for at in range(channels)])
