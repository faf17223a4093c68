"""Reports in an S3 store: kept there, read from there, handed out by the store's own signed address."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from analytics.errors import NotFound
from app.reports import links
from app.reports.shelf import shelf
from data.files import FileStore
from tests.app.reports.bucket import bucket_server


@pytest.fixture
def s3():
    with bucket_server() as (address, objects):
        options = {"key": "AKIATEST", "secret": "s3cret", "endpoint_url": address}
        yield options, objects


def test_a_file_goes_to_the_bucket_signed_and_comes_back(s3):
    options, objects = s3
    files = FileStore("s3://plant/reports", options)
    files.put("north/a.pdf", b"%PDF one")
    assert objects == {"/plant/reports/north/a.pdf": b"%PDF one"}
    assert files.read("north/a.pdf") == b"%PDF one"
    assert all("AKIATEST" in signed for _, _, signed in objects.asked)
    files.remove("north/a.pdf")
    assert objects == {}
    with pytest.raises(NotFound):
        files.read("north/a.pdf")


def test_a_download_is_the_stores_own_signed_address(busy, gemba, s3, span, worked):
    from app.reports.asking import ask_report, complete
    from app.reports.drafts import ReportDraft

    options, objects = s3
    settings = gemba.settings.model_copy(
        update={"reports_url": "s3://plant/reports", "reports_options": options, "reports_link_minutes": 2.0}
    )
    parts = replace(busy, gemba=replace(gemba, settings=settings))
    key = ask_report(parts, ReportDraft("North", "json", ("summary",), (), (), *span))
    worked(parts)
    address = links.link(parts, key)
    assert parse_qs(urlsplit(address).query)["X-Amz-Expires"] == ["120"]
    assert httpx.get(address).content == shelf(settings).read(complete(parts, key).path)
    assert len(objects) == 1
