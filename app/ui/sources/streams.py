"""The form's second half: what is read, and how its columns map to fields."""

from dataclasses import replace
from typing import Final
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.imports.layout.kinds import KIND_LABELS, SHAPES, Field, Kind
from app.imports.layout.mapping import Given, Mapping
from app.sources.streams import Stream
from app.sources.trying import Preview, columns, preview
from app.ui.cards import error_card
from app.ui.sources.connection import to_ask
from app.ui.sources.form import Form
from app.ui.tables import data_table, fitting
from data.sources.protocol import Extract

NOT_GIVEN: Final = "\N{EN DASH} not there"
ONE_VALUE: Final = "\N{PENCIL} one value for all rows"
PER_ROW: Final = 3
UNITS: Final = ["s", "min", "h"]
QUERY: Final = "\N{PENCIL} a query"
SHOWN: Final = 8


def stream_list(access: Access, form: Form) -> None:
    """Every stream with its mapping and its preview; streams can be added and taken out."""
    st.markdown("##### 2. What is read")
    for place, stream in enumerate(list(form.streams)):
        state = "" if stream.is_on else " (off)"
        title = f"{stream.name or 'New stream'}{state}: {KIND_LABELS[stream.kind]}"
        with st.expander(title, expanded=not stream.name, icon=":material/table_rows:"):
            form.streams[place] = _edited(access, form, stream, f"so-{form.round}-{place}")
            _preview(access, form, form.streams[place], f"so-{form.round}-{place}")
            if st.button(
                "Take this stream out", icon=":material/delete:", key=f"so-{form.round}-{place}-out"
            ):
                del form.streams[place]
                form.round += 1
                st.rerun()
    if st.button("Add a stream", icon=":material/add:", key="so-add-stream", disabled=form.survey is None):
        form.streams.append(Stream("", Mapping(Kind.TELEMETRY, zone=access.factory.timezone)))
        form.round += 1
        st.rerun()
    if form.survey is None and not form.streams:
        st.caption("Test the connection first: then tables and columns can be chosen.")


def _edited(access: Access, form: Form, stream: Stream, key: str) -> Stream:
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    with left:
        name = st.text_input("Name of the stream", stream.name, key=f"{key}-name", max_chars=120).strip()
    kinds = list(Kind)
    with middle:
        kind = st.selectbox(
            "What it brings", kinds, index=kinds.index(stream.kind), format_func=KIND_LABELS.__getitem__,
            key=f"{key}-kind",
        )  # fmt: skip
    with right:
        is_on = st.toggle("Read it", stream.is_on, key=f"{key}-on")
    if kind is not stream.kind:
        stream = replace(stream, mapping=Mapping(kind, zone=stream.mapping.zone))
    stream = replace(_what(form, stream, key), name=name, is_on=is_on)
    known = _columns(access, form, stream)
    if known is None:
        return stream
    header = list(dict.fromkeys([*known, *stream.used()]))
    stream = _order(stream, header, key)
    return _fields(access, stream, header, f"{key}-{kind.value}")


def _what(form: Form, stream: Stream, key: str) -> Stream:
    """The item, or the query, that is read."""
    items = [item.name for item in form.survey.items] if form.survey else []
    own = stream.item or (QUERY if stream.query else "")
    options = list(dict.fromkeys([*([own] if own else []), *items, QUERY]))
    chosen = st.selectbox(
        "Table, collection or measurement",
        options,
        index=options.index(own) if own else None,
        key=f"{key}-item",
        accept_new_options=True,
        placeholder="choose",
        help="{n} stands for what differs where there is one for each machine: lathe{n}_sensory_data.",
    )
    if chosen != QUERY:
        return replace(stream, item=chosen or "", query="")
    query = st.text_area("Query (one SELECT)", stream.query, key=f"{key}-query", height=120)
    return replace(stream, item="", query=(query or "").strip())


def _columns(access: Access, form: Form, stream: Stream) -> list[str] | None:
    """The columns of what the stream reads, asked once; None where they are not known."""
    if form.survey is None or not (stream.item or stream.query):
        return None
    asked = stream.query or stream.item
    if asked not in form.columns:
        places = stream.places(form.survey.items)
        if not places:
            st.warning("Nothing is called like this there.", icon=":material/warning:")
            return None
        try:
            extract = Extract(places[0].item, "") if stream.item else Extract(query=stream.query)
            form.columns[asked] = columns(access, to_ask(access, form), extract)
        except GembaError as error:
            error_card(error)
            return None
    found = form.columns[asked]
    st.caption("Columns: " + ", ".join(f"{one.name} ({one.type})" if one.type else one.name for one in found))
    return [one.name for one in found]


def _order(stream: Stream, header: list[str], key: str) -> Stream:
    left, middle, right = st.columns(3)
    with left:
        options = ["", *header]
        order = st.selectbox(
            "Follow the rows by",
            options,
            index=options.index(stream.order) if stream.order in options else 0,
            format_func=lambda one: one or "everything is read each time",
            key=f"{key}-order",
            help="A column that grows with each new row: a time, or a number that counts up.",
        )
    with middle:
        zone = _zone(stream.mapping.zone, key)
    with right:
        create = st.toggle("Make unknown machines", stream.mapping.create_machines, key=f"{key}-create")
        rest = stream.rest
        if stream.kind is Kind.TELEMETRY:
            rest = st.toggle(
                "Every other column of numbers is a parameter", stream.rest, key=f"{key}-rest",
                help="Columns that appear later become parameters by themselves.",
            )  # fmt: skip
    made = replace(stream.mapping, zone=zone, create_machines=create)
    return replace(stream, order=order or "", rest=rest, mapping=made)


def _zone(zone: str, key: str) -> str:
    names = sorted(available_timezones())
    chosen = st.selectbox(
        "Zone of times without an offset", names, index=names.index(zone) if zone in names else None,
        key=f"{key}-zone", placeholder="choose",
    )  # fmt: skip
    return chosen or ""


def _fields(access: Access, stream: Stream, header: list[str], key: str) -> Stream:
    found: dict[str, Given] = {}
    fixed: dict[str, Given] = {}
    fields = SHAPES[stream.kind].fields
    for first in range(0, len(fields), PER_ROW):
        for cell, field in zip(st.columns(PER_ROW), fields[first : first + PER_ROW], strict=False):
            with cell:
                _field(stream.mapping, field, header, key, found, fixed)
    return replace(stream, mapping=replace(stream.mapping, columns=found, constants=fixed))


def _field(
    mapping: Mapping,
    field: Field,
    header: list[str],
    key: str,
    found: dict[str, Given],
    fixed: dict[str, Given],
) -> None:
    column, constant = mapping.columns.get(field.name), mapping.constants.get(field.name)
    options = [NOT_GIVEN, ONE_VALUE, *header]
    first = column.text if column else ONE_VALUE if constant else NOT_GIVEN
    label = f"{field.label} *" if field.required else field.label
    chosen = st.selectbox(label, options, index=options.index(first), key=f"{key}-{field.name}")
    if chosen == NOT_GIVEN:
        return
    given = column or constant or Given("")
    unit = given.unit
    if field.timed:
        own = given.unit if given.unit in UNITS else None
        unit = st.segmented_control(
            f"Unit of {field.label.lower()}", UNITS, default=own, key=f"{key}-{field.name}-unit",
            label_visibility="collapsed",
        ) or ""  # fmt: skip
    if chosen != ONE_VALUE:
        found[field.name] = Given(str(chosen), unit)
        return
    text = st.text_input(
        f"{field.label} of all rows", constant.text if constant else "", key=f"{key}-{field.name}-value"
    ).strip()
    if text:
        fixed[field.name] = Given(text, unit)


def _preview(access: Access, form: Form, stream: Stream, key: str) -> None:
    if not st.button(
        "Preview", icon=":material/visibility:", key=f"{key}-preview", disabled=form.survey is None
    ):
        return
    try:
        with st.spinner("Reading the first rows ..."):
            found = preview(access, to_ask(access, form), stream)
    except GembaError as error:
        error_card(error)
        return
    show_preview(found, key)


def show_preview(found: Preview, key: str) -> None:
    """What came from the source, and what it would become."""
    for problem in found.problems:
        st.error(f"{problem.field}: {problem.message}", icon=":material/error:")
    for note in found.notes:
        st.caption(f":material/info: {note}")
    if len(found.places) > 1:
        st.caption(f"{len(found.places)} items are read like this one: {', '.join(found.places[:6])} ...")
    if len(found.raw):
        st.caption("As it stands in the source")
        data_table(found.raw.head(SHOWN), key=f"{key}-raw", label="Rows of the source", height=fitting(SHOWN))
    if len(found.rows):
        st.caption(f"As it would be stored: of the first rows {found.tally.new:,} are new")
        data_table(found.rows.head(SHOWN), key=f"{key}-rows", label="Rows as stored", height=fitting(SHOWN))
    if found.rejects:
        st.warning(f"{found.tally.rejected:,} of these rows would be rejected.", icon=":material/warning:")
        frame = pd.DataFrame(
            {
                "Field": [one.field for one in found.rejects],
                "Why": [one.message for one in found.rejects],
                "Row": [one.row for one in found.rejects],
            }
        )
        data_table(frame.head(SHOWN), key=f"{key}-rejects", label="Rejected rows")
