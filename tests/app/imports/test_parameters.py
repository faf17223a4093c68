"""Lists of parameters bring limits; what does not fit is rejected at its field."""

from app.imports.layout.kinds import Kind
from app.imports.runs import execute
from data.models import ImportReject, Parameter
from tests.app.imports.files import choices, counts, load, planned, rows, text

LIST = "Machine,Parameter,Unit,Low limit,High limit\nm1,force,kN,2,8.5\nm1,speed,rpm,,1200\n"


def limits(access):
    return {one.key: (one.low_limit, one.high_limit) for one in rows(access, Parameter)}


def test_limits_come_from_a_file_and_an_empty_cell_takes_one_away(acting):
    access = acting()
    assert counts(load(access, text(LIST))) == (2, 0, 0, 0)
    assert limits(access) == {"force": (2.0, 8.5), "speed": (None, 1200.0)}
    assert counts(load(access, text(LIST.replace(",2,8.5", ",,8.5")))) == (0, 1, 1, 0)
    assert limits(access)["force"] == (None, 8.5)


def test_a_file_without_limits_keeps_those_that_are_stored(acting):
    access = acting()
    load(access, text(LIST))
    assert counts(load(access, text("Machine,Parameter,Unit\nm1,force,N\n"))) == (0, 0, 1, 0)
    assert limits(access)["force"] == (2.0, 8.5)


def test_a_list_of_limits_alone_is_recognised(acting):
    found = planned(acting(), text("Machine,Signal,LSL,USL\nm1,force,2,8\n"))
    assert found.mapping.kind is Kind.PARAMETERS


def test_rows_whose_limits_do_not_fit_are_rejected_and_the_others_loaded(acting):
    access = acting()
    load(access, text(LIST))
    wrong = (
        "Machine,Parameter,Data type,Low limit,High limit\n"
        "m1,force,float,9,8.5\n"
        "m1,mode,string,1,\n"
        "m1,heat,float,warm,\n"
        "m1,cold,float,-40,-10\n"
    )
    found = planned(access, text(wrong))
    assert counts(execute(access, text(wrong), found.mapping)) == (1, 0, 0, 3)
    assert [(one.line, one.field) for one in rows(access, ImportReject)] == [
        (2, "high_limit"),
        (3, "low_limit"),
        (4, "low_limit"),
    ]
    assert limits(access) == {"force": (2.0, 8.5), "speed": (None, 1200.0), "cold": (-40.0, -10.0)}


def test_a_single_limit_must_fit_the_stored_other(acting):
    access = acting()
    load(access, text(LIST), choices())
    done = load(access, text("Machine,Parameter,Low limit\nm1,force,9\n"))
    assert counts(done) == (0, 0, 0, 1)
    assert limits(access)["force"] == (2.0, 8.5)
