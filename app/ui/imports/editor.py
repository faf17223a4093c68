"""The editor of a mapping: the kind of the file, and for each field its column, one value, or nothing."""

from dataclasses import replace
from zoneinfo import available_timezones

import streamlit as st

from app.imports.layout.kinds import KIND_LABELS, SHAPES, Field, Kind
from app.imports.layout.mapping import Given, Mapping, WideColumn
from app.imports.layout.recognise import Recognised, wide_column
from app.imports.parsing.durations import UNITS
from app.imports.parsing.numbers import EITHER
from app.imports.reading.table import Table
from app.ui.formats import plain
from app.ui.imports.uploads import Upload, recognised
from app.ui.scene import Scene

NOT_GIVEN, ONE_VALUE = "\N{EN DASH} not in the file", "\N{PENCIL} one value for all rows"
TIMED = frozenset({Kind.RECORDS, Kind.STATES, Kind.COUNTS, Kind.TELEMETRY})
DECIMALS = {".": "1234.5 (point)", ",": "1234,5 (comma)", EITHER: "as typed in the workbook"}
ORDERS = {"day": "day first (4/3 is 4 March)", "month": "month first (4/3 is 3 April)"}
NUMBERINGS = {"packml": "PackML (6 is execute)", "gemba": "Gemba (1 is running)"}
PER_ROW = 3


def zone_choice(at: Scene) -> str:
    """Ask for the zone of times without an offset; nothing is assumed, so it may be empty."""
    own = at.access.factory.timezone
    names = [own, *sorted(available_timezones() - {own})]
    chosen = st.selectbox(
        "Zone of times without an offset",
        names,
        index=None,
        format_func=lambda name: f"{name} (the factory's)" if name == own else name,
        key="i-zone",
        placeholder="choose",
        help="A time such as 2026-03-02 06:00 names no instant until its zone is known.",
    )
    return chosen or ""


def machine_choice(at: Scene) -> str:
    """Ask for the machine of files that have no column for it; it may be empty, or a new key."""
    chosen = st.selectbox(
        "Machine of files that name none",
        [machine.device_key for machine in at.plant.active],
        index=None,
        key="i-machine",
        accept_new_options=True,
        placeholder="choose, or type a new key",
    )
    return chosen or ""


def edited(at: Scene, upload: Upload, zone: str, machine: str, *, create_machines: bool) -> Mapping | None:
    """Draw the editor of one file; its mapping, or None while the kind is open. Raises InvalidInput."""
    table, found = recognised(at.access, upload, None, st.session_state.get(f"{upload.key}-sheet") or "")
    kind = _kind(upload, table, found)
    if kind is None:
        return None
    if kind is not found.kind:
        table, found = recognised(at.access, upload, kind, table.sheet if table.sheets else "")
    if found.mapping is None:
        return None
    st.caption(f"{table.detail}; the header is on line {table.header_line}.")
    for said in found.notes:
        st.caption(f":material/info: {plain(said)}")
    columns, constants = _fields(at, upload, table, found.mapping)
    if machine and SHAPES[kind].field("machine") and "machine" not in {*columns, *constants}:
        constants["machine"] = Given(machine)
    wide = _wide(upload, table, found.mapping, columns)
    return replace(
        _options(upload, found.mapping),
        columns=columns,
        constants=constants,
        wide=wide,
        zone=zone if kind in TIMED else "",
        create_machines=create_machines,
    )


def _kind(upload: Upload, table: Table, found: Recognised) -> Kind | None:
    left, right = st.columns([2, 1])
    kinds = list(Kind)
    with left:
        kind = st.selectbox(
            "What the file holds",
            kinds,
            index=kinds.index(found.kind) if found.kind else None,
            format_func=KIND_LABELS.__getitem__,
            key=f"{upload.key}-kind",
            placeholder="not recognised: choose",
        )
    with right:
        if len(table.sheets) > 1:
            names = list(table.sheets)
            st.selectbox("Sheet", names, index=names.index(table.sheet), key=f"{upload.key}-sheet")
        elif found.kind is not None:
            st.badge(f"recognised, {100 * found.confidence:.0f} % of the titles", icon=":material/check:")
    return kind


def _fields(
    at: Scene, upload: Upload, table: Table, mapping: Mapping
) -> tuple[dict[str, Given], dict[str, Given]]:
    columns: dict[str, Given] = {}
    constants: dict[str, Given] = {}
    fields = SHAPES[mapping.kind].fields
    for first in range(0, len(fields), PER_ROW):
        for cell, field in zip(st.columns(PER_ROW), fields[first : first + PER_ROW], strict=False):
            with cell:
                _field(at, f"{upload.key}-{mapping.kind}", table, mapping, field, columns, constants)
    return columns, constants


def _field(
    at: Scene,
    key: str,
    table: Table,
    mapping: Mapping,
    field: Field,
    columns: dict[str, Given],
    constants: dict[str, Given],
) -> None:
    """One field: where it comes from, the value if it is one for all rows, the unit of a duration."""
    known = mapping.columns.get(field.name)
    fixed = mapping.constants.get(field.name)
    options = [NOT_GIVEN, ONE_VALUE, *table.header]
    first = known.text if known else ONE_VALUE if fixed else NOT_GIVEN
    label = f"{field.label} *" if field.required else field.label
    source = st.selectbox(label, options, index=options.index(first), key=f"{key}-{field.name}")
    if source == NOT_GIVEN:
        return
    given = known or fixed or Given("")
    unit = _unit(key, field, given) if field.timed else given.unit
    if source != ONE_VALUE:
        columns[field.name] = Given(source, unit)
        return
    value = _value(at, f"{key}-{field.name}-value", field, fixed.text if fixed else "")
    if value:
        constants[field.name] = Given(value, unit)


def _unit(key: str, field: Field, given: Given) -> str:
    units = ["s", "min", "h"]
    own = UNITS.get(given.unit.lower(), "")
    unit = st.segmented_control(
        f"Unit of {field.label.lower()}",
        units,
        default=own if own in units else None,
        key=f"{key}-{field.name}-unit",
        label_visibility="collapsed",
    )
    return unit or ""


def _value(at: Scene, key: str, field: Field, default: str) -> str:
    if field.name == "machine":
        names = [machine.device_key for machine in at.plant.active]
        chosen = st.selectbox(
            "Machine of all rows",
            names,
            index=None,
            key=key,
            accept_new_options=True,
            placeholder="choose, or type a new key",
        )
        return chosen or ""
    return st.text_input(f"{field.label} of all rows", default, key=key).strip()


def _wide(
    upload: Upload, table: Table, mapping: Mapping, columns: dict[str, Given]
) -> tuple[WideColumn, ...]:
    label = SHAPES[mapping.kind].wide
    if not label or {"parameter", "value"} <= columns.keys():
        return ()
    used = {given.text for given in columns.values()}
    free = [title for title in table.header if title not in used]
    chosen = st.multiselect(
        label,
        free,
        [one.column for one in mapping.wide if one.column in free],
        key=f"{upload.key}-{mapping.kind}-wide",
    )
    return tuple(wide_column(mapping.kind, title) for title in chosen)


def _options(upload: Upload, mapping: Mapping) -> Mapping:
    """How numbers, dates and states are written; what the file proves stands there already."""
    with st.expander("How numbers, dates and states are written"):
        left, middle, right = st.columns(3)
        with left:
            marks = list(DECIMALS)
            mark = st.selectbox(
                "Numbers", marks, index=marks.index(mapping.decimal), format_func=DECIMALS.__getitem__,
                key=f"{upload.key}-decimal",
            )  # fmt: skip
        with middle:
            order = _open_choice("Dates with slashes", ORDERS, mapping.date_order, f"{upload.key}-order")
        with right:
            numbers = _open_choice(
                "State numbers", NUMBERINGS, mapping.state_numbers, f"{upload.key}-numbers"
            )
    return replace(mapping, decimal=mark, date_order=order, state_numbers=numbers)


def _open_choice(label: str, choices: dict[str, str], default: str, key: str) -> str:
    names = list(choices)
    chosen = st.selectbox(
        label,
        names,
        index=names.index(default) if default else None,
        format_func=choices.__getitem__,
        key=key,
        placeholder="not told",
    )
    return chosen or ""
