import hashlib

import pytest

from analytics import anomaly, failure
from analytics.kept import UntrustedModel, kept
from tests.analytics.anomaly.plants import machine

NORMAL = machine(300)


@pytest.mark.parametrize("method", ["pca", "robust_z", "ewma", "isolation_forest"])
def test_a_detector_comes_back_as_it_was(method):
    detector = anomaly.fit(NORMAL, method)
    again = anomaly.from_bytes(*anomaly.to_bytes(detector))
    assert again.score(NORMAL).equals(detector.score(NORMAL))


def test_bytes_with_another_digest_are_not_loaded():
    blob, digest = anomaly.to_bytes(anomaly.fit(NORMAL))
    with pytest.raises(UntrustedModel, match="digest"):
        anomaly.from_bytes(blob + b" ", digest)


class Foreign:
    """A type that no model consists of."""


def test_strange_types_strange_bytes_and_other_models_are_refused():
    from sklearn.svm import SVC
    from skops.io import dumps

    blob, digest = kept(Foreign())
    with pytest.raises(UntrustedModel, match="not trusted"):
        anomaly.from_bytes(blob, digest)
    with pytest.raises(UntrustedModel, match="no model"):
        anomaly.from_bytes(b"x", hashlib.sha256(b"x").hexdigest())
    other = dumps(SVC())
    with pytest.raises(UntrustedModel, match="no Detector"):
        anomaly.from_bytes(other, hashlib.sha256(other).hexdigest())
    with pytest.raises(UntrustedModel):
        failure.from_bytes(*anomaly.to_bytes(anomaly.fit(NORMAL)))
