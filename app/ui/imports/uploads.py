"""The files that a person chose, what they seem to be, and the plan of each."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.imports.layout.kinds import Kind
from app.imports.layout.mapping import Choices, Mapping
from app.imports.layout.recognise import Recognised
from app.imports.plans import Plan, plan, suggested
from app.imports.reading.source import Source
from app.imports.reading.table import Table
from app.imports.rows.lookup import Lookup
from app.ui.scene import Scene

TYPES = ["csv", "tsv", "txt", "xlsx", "xlsm"]
ROUND = "imports-round"
PLANS = "imports-plans"


@dataclass(frozen=True, slots=True)
class Upload:
    """One chosen file; `key` is its own in this session."""

    key: str
    source: Source


def chosen_files(at: Scene) -> list[Upload]:
    """Draw the upload field; the files in it."""
    limit = at.access.gemba.settings.import_max_mb
    found = st.file_uploader(
        f"CSV or Excel files, up to {limit} MB each",
        TYPES,
        accept_multiple_files=True,
        max_upload_size=limit,
        key=f"i-files-{st.session_state.get(ROUND, 0)}",
    )
    return [Upload(f"i-{one.file_id}", Source.of_bytes(one.name, one.getvalue())) for one in found]


def forget_files() -> None:
    """Empty the upload field."""
    st.session_state.pop(PLANS, None)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def recognised(access: Access, upload: Upload, kind: Kind | None, sheet: str) -> tuple[Table, Recognised]:
    """What the file seems to be; read again only when the kind or the sheet changes."""
    key, asked = f"{upload.key}-seen", (kind, sheet)
    kept: tuple[Any, tuple[Table, Recognised]] | None = st.session_state.get(key)
    if kept is None or kept[0] != asked:
        choices = Choices(options={"sheet": sheet} if sheet else {})
        st.session_state[key] = kept = (asked, suggested(access, upload.source, kind, choices))
    return kept[1]


def planned(at: Scene, files: list[tuple[Upload, Mapping]]) -> dict[str, Plan | GembaError]:
    """The plan of each file by its key, in loading order; kept until a mapping or the plant changes."""
    asked = (at.plant.revision, tuple((upload.key, repr(mapping)) for upload, mapping in files))
    kept = st.session_state.get(PLANS)
    if kept is None or kept[0] != asked:
        kept = (asked, _plans(at.access, files))
        st.session_state[PLANS] = kept
    found: dict[str, Plan | GembaError] = kept[1]
    return found


def _plans(access: Access, files: list[tuple[Upload, Mapping]]) -> dict[str, Plan | GembaError]:
    look, found = Lookup.of(access), dict[str, Plan | GembaError]()
    order = list(Kind)
    bar = st.progress(0.0, "Checking the rows ...")
    for place, (upload, mapping) in enumerate(sorted(files, key=lambda pair: order.index(pair[1].kind))):

        def show(share: float, _stage: str, place: int = place, name: str = upload.source.name) -> None:
            bar.progress(min(1.0, (place + share) / len(files)), f"Checking {name} ...")

        try:
            found[upload.key] = plan(access, upload.source, mapping=mapping, look=look, progress=show)
        except GembaError as error:
            found[upload.key] = error
    bar.empty()
    return found
