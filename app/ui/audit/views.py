"""The list of entries, one entry in full, and the signed blocks."""

import json
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from analytics.errors import Conflict
from app.bootstrap import Access
from app.evidence.entries import Block, Entry, LogState
from app.evidence.export import export, proof
from app.evidence.verification import verify
from app.ui.downloads import file_name
from app.ui.formats import count, many
from app.ui.parts import data_table
from app.ui.tables import fitting


def entry_table(entries: list[Entry], zone: ZoneInfo) -> int | None:
    """The entries of a page; the position in the list of the chosen one."""
    frame = pd.DataFrame(
        {
            "No.": [one.position for one in entries],
            "Time": [one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") for one in entries],
            "Who": [one.actor for one in entries],
            "Action": [one.action for one in entries],
            "Object": [f"{one.kind} {one.object_id}" for one in entries],
            "Changed": [", ".join(name for name, _, _ in one.changes()) for one in entries],
            "Hash": [one.leaf[:12] for one in entries],
        }
    )
    return data_table(
        frame, key="audit-entries", label="Audit entries", download_name="audit-entries", selectable=True,
        height=fitting(len(entries)),
    )  # fmt: skip


def entry_card(access: Access, chosen: Entry) -> None:
    """Before and after, and the proof that the entry stands in the log."""
    with st.container(border=True, key="audit-entry"):
        st.markdown(f"**Entry {chosen.position}: {chosen.action}** on {chosen.kind} {chosen.object_id}")
        changes = chosen.changes()
        if changes:
            frame = pd.DataFrame(changes, columns=["Field", "Before", "After"])
            frame[["Before", "After"]] = frame[["Before", "After"]].map(_shown)
            data_table(frame, key="audit-diff", label="What changed", height=fitting(len(frame)))
        else:
            st.caption("The entry tells of an event; no state of an object changed.")
        st.caption(f"Hash {chosen.leaf}")
        _proof_button(access, chosen)


def _shown(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _proof_button(access: Access, chosen: Entry) -> None:
    try:
        found = proof(access, chosen.position)
    except Conflict as error:
        st.caption(f":material/schedule: {error}")
        return
    st.download_button(
        "Proof", json.dumps(found, indent=2), f"audit-proof-{chosen.position}.json", "application/json",
        icon=":material/verified:", key="a-proof", on_click="ignore",
        help="The entry, its path to the signed root, and the checkpoint: enough to check it without Gemba.",
    )  # fmt: skip


def block_table(blocks: list[Block]) -> None:
    """The chain of signed blocks, each with the root before it."""
    frame = pd.DataFrame(
        {
            "Block": [one.number for one in blocks],
            "Entries": [f"{one.first} to {one.last}" for one in blocks],
            "Root hash": [one.root for one in blocks],
            "Previous root": [one.previous_root for one in blocks],
        }
    )
    data_table(
        frame, key="audit-blocks", label="Signed blocks", download_name="audit-blocks",
        height=fitting(len(blocks)),
    )  # fmt: skip


def verify_now(access: Access) -> None:
    """Read the whole log with a progress bar, and say what was found."""
    bar = st.progress(0.0, "Reading the log ...")

    def show(done: int, total: int) -> None:
        bar.progress(min(done / max(total, 1), 1.0), f"{count(done)} of {count(total)} entries")

    found = verify(access, on_progress=show)
    bar.empty()
    if found.is_sound:
        st.success(
            f"{many(found.entries, 'entry')} whole and unchanged; {count(found.signed)} of them signed in "
            f"{many(found.checkpoints, 'checkpoint')}. Read in {found.seconds:.1f} s.",
            title="The log is sound",
            icon=":material/verified_user:",
        )
        return
    st.error(
        "\n".join(f"- entry {finding.position}: {finding.message}" for finding in found.findings[:10]),
        title=f"The log is not sound: the first bad entry is {found.first_bad}",
        icon=":material/gpp_bad:",
    )


def bundle_button(access: Access, log: LogState) -> None:
    """The whole log with a verifier; made when it is asked for."""

    def made() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "audit.zip"
            export(access, path)
            return path.read_bytes()

    st.download_button(
        "Export", made, file_name(f"audit-{access.factory.slug}", "zip"), "application/zip",
        icon=":material/download:", key="a-export", on_click="ignore", disabled=not log.entries,
        help="Entries, checkpoints and a verifier that needs nothing but Python.",
    )  # fmt: skip
    with st.popover("Public key", icon=":material/key:"):
        st.markdown(
            "Whoever checks a bundle or a proof needs this key, from you rather than from the bundle."
        )
        st.code(log.key, language=None, wrap_lines=True)
