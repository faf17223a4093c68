"""The probability that a machine in this condition fails, learned from rows of which it is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.failure.features import Booleans, Features, Floats, learned
from analytics.failure.folds import folds

Method = Literal["both", "forest", "boosting"]

MINIMUM_ROWS: Final = 50
MINIMUM_FAILURES: Final = 5
SEED: Final = 42
TREES: Final = 100


@dataclass(frozen=True)
class Quality:
    """How good the model is on rows that it had not seen: the inner folds at its threshold.

    `naive_average_precision` is the share of failures, which is what guessing reaches.
    """

    average_precision: float
    naive_average_precision: float
    f1: float
    precision: float
    recall: float
    brier: float
    naive_brier: float


@dataclass(frozen=True)
class FailureModel:
    """Says the probability of failure; made by `analytics.failure.fit`.

    `threshold`: the probability from which on a failure is predicted; `typical`: for each column the median,
    or the most frequent category, of the rows that did not fail.
    """

    method: str
    features: Features
    members: tuple[Any, ...]
    slope: float
    offset: float
    threshold: float
    typical: dict[str, Any]
    quality: Quality

    def predict_proba(self, features: pd.DataFrame) -> Floats:
        """The probability of failure of each row (1-d, not a column per class).

        Missing numbers and unknown categories are taken as such. Raises `InvalidInput` if a column is
        missing, new or of another type.
        """
        if not len(features):
            return np.empty(0)
        return self._calibrated(self.features.matrix(features))

    def predict(self, features: pd.DataFrame) -> Booleans:
        """Whether each row is to fail: its probability is at least the threshold."""
        return np.asarray(self.predict_proba(features) >= self.threshold)

    def what_if(self, features: pd.DataFrame, changes: Mapping[str, Any]) -> Floats:
        """The probability of each row if the columns named in `changes` had these values."""
        strange = [name for name in changes if name not in self.features.columns]
        if strange:
            raise InvalidInput.at("changes", f"There is no column {', '.join(strange)}.")
        return self.predict_proba(features.assign(**dict(changes)))

    def reasons(self, features: pd.DataFrame) -> pd.DataFrame:
        """What the risk of each row hangs on: by how much it would fall if one column alone were typical.

        One column per used input column, index as given; the figures are exact differences of `predict_proba`
        (negative: this column lowers the risk). They need not add up, because columns act together.
        """
        now = self.predict_proba(features)
        told = {name: now - self.what_if(features, {name: value}) for name, value in self.typical.items()}
        return pd.DataFrame(told, index=features.index)

    def _calibrated(self, matrix: Floats) -> Floats:
        return _sigmoid(self.slope * _logit(_chance(self.members, matrix)) + self.offset)


def fit(
    features: pd.DataFrame,
    failed: "pd.Series[Any]",
    roles: Mapping[str, str] | None = None,
    method: Method = "both",
    groups: "pd.Series[Any] | None" = None,
    times: "pd.Series[Any] | None" = None,
) -> FailureModel:
    """A model of the probability of failure, by a random forest and gradient boosting (`both`: their mean).

    `features`: one row per observation, numbers and categories; `failed`: true or false (1 or 0) for each
    row, by position. `roles` names the columns of torque, speed, temperatures and wear (keys of
    `features.ROLES`), from which power, temperature difference and wear x torque are made; without it they
    are recognised by name and unit. `groups` (a machine of each row) keeps the rows of a machine on one side
    of each inner fold; `times` makes the inner folds learn from the past only. The inner folds' predictions
    calibrate the probabilities (Platt's sigmoid) and set the threshold, which maximises F1.
    Raises `InvalidInput` for label columns among the features, fewer than 50 rows, and fewer than 5 rows of
    either outcome.
    """
    if method not in get_args(Method):
        raise InvalidInput.at("method", f"There is no method '{method}': {', '.join(get_args(Method))}.")
    outcome = _outcome(features, failed)
    known = learned(features, outcome, roles)
    named = features.set_axis(list(known.columns), axis=1)
    matrix = known.matrix(named)
    weights, chances = _unseen(matrix, outcome, method, folds(outcome, groups, times))
    slope, offset = _platt(chances[weights], outcome[weights])
    calibrated = _sigmoid(slope * _logit(chances[weights]) + offset)
    threshold = best_threshold(calibrated, outcome[weights])
    return FailureModel(
        method,
        known,
        _members(matrix, outcome, method),
        slope,
        offset,
        threshold,
        _typical(named[~outcome], known),
        _quality(calibrated, outcome[weights], threshold),
    )


def best_threshold(chances: Floats, failed: Booleans) -> float:
    """The probability from which on calling a failure has the highest F1; half way to the next lower one.

    >>> best_threshold(np.array([0.1, 0.2, 0.6, 0.8]), np.array([False, False, True, True]))
    0.4
    """
    order = np.argsort(-chances, kind="stable")
    ranked, hits = chances[order], np.cumsum(failed[order])
    f1 = 2 * hits / (np.arange(1, len(ranked) + 1) + failed.sum())
    is_last = np.append(ranked[1:] != ranked[:-1], True)
    at = int(np.argmax(np.where(is_last, f1, -1.0)))
    below = float(ranked[at + 1]) if at + 1 < len(ranked) else 0.0
    return (float(ranked[at]) + below) / 2


def _outcome(features: pd.DataFrame, failed: "pd.Series[Any]") -> Booleans:
    if not isinstance(features, pd.DataFrame) or len(features) < MINIMUM_ROWS:
        raise InvalidInput.at("features", f"At least {MINIMUM_ROWS} rows are needed.")
    values = pd.Series(failed).reset_index(drop=True)
    if len(values) != len(features):
        raise InvalidInput.at("failed", "failed needs one value for each row of the features.")
    if values.isna().any() or not values.isin([0, 1]).all():
        raise InvalidInput.at("failed", "failed must be true or false (1 or 0) everywhere.")
    outcome = np.asarray(values.astype(bool))
    if min(int(outcome.sum()), int((~outcome).sum())) < MINIMUM_FAILURES:
        raise InvalidInput.at(
            "failed", f"At least {MINIMUM_FAILURES} rows that failed and as many that did not are needed."
        )
    return outcome


def _members(matrix: Floats, outcome: Booleans, method: str) -> tuple[Any, ...]:
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from threadpoolctl import threadpool_limits

    members: list[Any] = []
    if method != "boosting":
        members.append(RandomForestClassifier(TREES, max_features=0.5, random_state=SEED, n_jobs=1))
    if method != "forest":
        members.append(
            HistGradientBoostingClassifier(
                learning_rate=0.05,
                max_iter=150,
                min_samples_leaf=10,
                l2_regularization=1.0,
                early_stopping=False,
                random_state=SEED,
            )
        )
    with threadpool_limits(limits=1):
        return tuple(member.fit(matrix, outcome) for member in members)


def _chance(members: tuple[Any, ...], matrix: Floats) -> Floats:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        told = [np.asarray(member.predict_proba(matrix)[:, 1], dtype=np.float64) for member in members]
    return np.asarray(sum(told) / len(told))


def _unseen(
    matrix: Floats, outcome: Booleans, method: str, parts: list[tuple[Any, Any]]
) -> tuple[Booleans, Floats]:
    """Which rows were predicted by models that had not seen them, and the chances."""
    chances, is_told = np.zeros(len(outcome)), np.zeros(len(outcome), dtype=bool)
    for seen, unseen in parts:
        chances[unseen] = _chance(_members(matrix[seen], outcome[seen], method), matrix[unseen])
        is_told[unseen] = True
    return is_told, chances


def _platt(chances: Floats, outcome: Booleans) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=100.0).fit(_logit(chances)[:, None], outcome)
    slope, offset = float(model.coef_[0, 0]), float(model.intercept_[0])
    return (slope, offset) if slope > 0 else (1.0, 0.0)


def _logit(chances: Floats) -> Floats:
    inner = np.clip(chances, 1e-3, 1 - 1e-3) + (chances - 0.5) * 1e-6
    return np.asarray(np.log(inner / (1 - inner)))


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)))


def _typical(healthy: pd.DataFrame, known: Features) -> dict[str, Any]:
    typical: dict[str, Any] = {name: float(healthy[name].astype(float).median()) for name in known.numbers}
    for name in known.categories:
        typical[name] = str(healthy[name].dropna().astype(str).mode().iloc[0])
    return typical


def _quality(chances: Floats, outcome: Booleans, threshold: float) -> Quality:
    from sklearn.metrics import average_precision_score

    called, share = chances >= threshold, float(outcome.mean())
    hits = float((called & outcome).sum())
    return Quality(
        float(average_precision_score(outcome, chances)),
        share,
        2 * hits / max(float(called.sum() + outcome.sum()), 1.0),
        hits / max(float(called.sum()), 1.0),
        hits / max(float(outcome.sum()), 1.0),
        float(((chances - outcome) ** 2).mean()),
        share * (1 - share),
    )
