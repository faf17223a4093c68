"""A report proves itself; whatever is changed in it is found."""

import io
import zipfile

import orjson
import pytest

from analytics.errors import InvalidInput
from app.reports.drafts import FORMATS, ReportDraft
from app.reports.making import made
from app.reports.proof.checking import verify, verify_in_log
from app.reports.proof.seals import unsealed


@pytest.fixture
def file_of(busy, span):
    return lambda form: made(busy, "the-key", ReportDraft("North", form, ("summary", "oee")), span)[0]


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_proves_itself_and_stands_in_the_plants_log(busy, file_of, form):
    file = file_of(form)
    verdict = verify(file, busy.gemba.outside.verifier())
    assert verdict.is_good, verdict.findings
    assert (verdict.factory, verdict.said["report"], verdict.said["title"]) == ("north", "the-key", "North")
    assert all(one.is_good for one in verify_in_log(busy, file))


@pytest.mark.parametrize("form", FORMATS)
def test_each_changed_byte_is_found(file_of, form):
    file = file_of(form)
    body = len(unsealed(file).body)
    missed = []
    for place in range(40, body - 60, max(body // 60, 1)):
        changed = file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]
        try:
            if verify(changed).is_good:
                missed.append(place)
        except InvalidInput:
            continue
    assert missed == []


def test_a_changed_figure_of_a_json_report_is_found(file_of):
    said = orjson.loads(file_of("json"))
    said["report"]["sections"][0]["facts"][0]["value"] = 0.99
    bad = {one.what for one in verify(orjson.dumps(said)).findings if not one.is_good}
    assert bad == {"the file is as it was made", "the figures are as they were gathered"}


def test_what_is_added_behind_the_evidence_is_found(file_of):
    for form in ("pdf", "excel", "csv"):
        with pytest.raises(InvalidInput, match="added"):
            verify(file_of(form) + b"\n1 0 obj more")


def test_a_file_without_evidence_is_no_report(file_of):
    for form in FORMATS:
        with pytest.raises(InvalidInput, match="no evidence"):
            verify(unsealed(file_of(form)).body)
    with pytest.raises(InvalidInput, match="no evidence"):
        verify(b"hello")


def test_another_key_than_the_trusted_one_is_no_proof(file_of):
    other = "gemba+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert not verify(file_of("json"), other).is_good


def test_a_log_without_the_entry_disowns_the_file(busy, file_of, acting, gemba):
    from tests.conftest import make_factory

    other = acting("admin", make_factory(gemba, "south"))
    found = verify_in_log(other, file_of("pdf"))
    assert [one.is_good for one in found] == [True, False, False]


def test_what_the_qr_code_holds_is_checked_alone(file_of):
    proof = unsealed(file_of("pdf")).evidence["content"]
    verdict = verify(orjson.dumps(proof))
    assert verdict.is_good
    assert len(verdict.said["content_digest"]) == 64
    proof["entry"] = proof["entry"].replace("North", "South")
    assert not verify(orjson.dumps(proof)).is_good


def test_a_sealed_archive_still_opens(file_of):
    with zipfile.ZipFile(io.BytesIO(file_of("csv"))) as archive:
        assert archive.testzip() is None
        assert "README.txt" in archive.namelist()
