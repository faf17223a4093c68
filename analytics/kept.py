"""Fitted models as bytes that anybody may hold: skops files, bound to a digest, never pickles."""

import hashlib
from typing import Any, Final
from zipfile import BadZipFile

from analytics.errors import InvalidInput

OWN: Final = ("analytics.anomaly.", "analytics.failure.")
LIBRARIES: Final = frozenset(
    {
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
    }
)


class UntrustedModel(InvalidInput):
    """The bytes are not the model that was kept, or hold something that no model of ours consists of."""


def kept(model: object) -> tuple[bytes, str]:
    """The model as bytes, and their SHA-256 digest, which belongs into another place than the bytes."""
    from skops.io import dumps

    blob = dumps(model)
    return blob, hashlib.sha256(blob).hexdigest()


def restored(blob: bytes, digest: str, *kinds: type) -> Any:
    """The model of one of these kinds in `blob`.

    Raises `UntrustedModel` if the digest is another, a type is not among those that our models consist of,
    or the model is of another kind. Nothing of the bytes is run before these checks.
    """
    from skops.io import get_untrusted_types, loads

    if hashlib.sha256(blob).hexdigest() != digest:
        raise UntrustedModel.at("digest", "The model's digest does not fit its bytes: it is not loaded.")
    try:
        foreign = get_untrusted_types(data=blob)
        strange = [name for name in foreign if not _is_trusted(name)]
        if strange:
            raise UntrustedModel.at(
                "model", f"The model holds types that are not trusted: {', '.join(strange)}."
            )
        model = loads(blob, trusted=foreign)
    except (BadZipFile, ValueError, TypeError, KeyError, OSError) as error:
        raise UntrustedModel.at("model", f"The bytes are no model: {error}") from error
    if not isinstance(model, kinds):
        raise UntrustedModel.at("model", f"The bytes hold no {kinds[0].__name__}.")
    return model


def _is_trusted(name: str) -> bool:
    return name.startswith(OWN) or name in LIBRARIES
