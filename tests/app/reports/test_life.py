"""A report's way: asked for, made by a job, downloaded by a link, mailed, made again, deleted, forgotten."""

import email
import io
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.jobs.asking import Asked, ask
from app.jobs.rhythm import Rhythm
from app.jobs.running.claims import claim_next
from app.jobs.schedules import ScheduleDraft, add_schedule
from app.jobs.schedules import round_of as schedules_round
from app.notify.mail import Mailer
from app.reports import asking, links, listing
from app.reports.drafts import ReportDraft
from app.reports.mailing import round_of, send_next
from app.reports.proof.checking import verify
from app.reports.shelf import logo, remove_logo, save_logo, shelf
from app.reports.sweep import sweep
from data.models import AuditEntry, ReportMail
from tests.app.notify.box import Box, mail_server


@pytest.fixture
def asked(busy, span):
    return lambda **given: asking.ask_report(
        busy, ReportDraft("North", "json", ("summary",), (), (), *span, **given)
    )


def test_a_report_is_pending_then_complete_with_a_file_that_proves_itself(busy, asked, worked):
    key = asked()
    assert listing.one_report(busy, key).status == listing.PENDING
    with pytest.raises(Conflict):
        asking.file_of(busy, key)
    worked()
    shown = listing.one_report(busy, key)
    assert (shown.status, shown.share, shown.problem) == (listing.COMPLETE, 1.0, "")
    assert shown.expires_at - shown.created_at == timedelta(days=30)
    row, body = asking.file_of(busy, key)
    assert (len(body), verify(body).said["content_digest"]) == (shown.size_bytes, row.content_digest)
    assert [one.key for one in listing.reports(busy, listing.COMPLETE)] == [key]
    assert listing.count_reports(busy, listing.PENDING) == 0


def test_the_log_tells_of_each_step(busy, asked, worked):
    key = asked()
    worked()
    asking.file_of(busy, key)
    with busy.read() as session:
        rows = session.scalars(
            select(AuditEntry.action).where(AuditEntry.object_id == key).order_by(AuditEntry.position)
        )
        assert list(rows) == ["report.ask", "report.content", "report.file", "report.download"]


def test_a_link_opens_the_file_for_its_minutes_and_only_as_it_was_signed(busy, asked, worked, clock, gemba):
    key = asked()
    worked()
    address = links.link(busy, key)
    token = address.removeprefix(links.PATH)
    parcel = links.opened(gemba, token)
    assert (parcel.name, parcel.body) == ("North.json", asking.file_of(busy, key)[1])
    for wrong in (token[:-3] + "AAA", "A" + token[1:], "", "x"):
        with pytest.raises(NotFound):
            links.opened(gemba, wrong)
    clock.forward(minutes=16)
    with pytest.raises(NotFound):
        links.opened(gemba, token)


def test_only_what_is_not_complete_is_deleted(busy, asked, worked, gemba):
    first = asked()
    asking.delete_report(busy, first)
    with pytest.raises(NotFound):
        listing.one_report(busy, first)
    assert claim_next(gemba, "x") is None
    second = asked()
    worked()
    with pytest.raises(Conflict, match="kept until"):
        asking.delete_report(busy, second)
    third = asked()
    asking.stop_report(busy, third)
    assert listing.one_report(busy, third).problem == listing.STOPPED
    asking.delete_report(busy, third)
    assert [one.key for one in listing.reports(busy)] == [second]


def test_one_that_runs_is_stopped_first(busy, asked, gemba):
    key = asked()
    claim_next(gemba, "x")
    assert listing.one_report(busy, key).status == listing.MAKING
    with pytest.raises(Conflict, match="stop it first"):
        asking.delete_report(busy, key)
    asking.stop_report(busy, key)


def test_again_makes_the_same_figures_of_the_same_time(busy, asked, worked):
    first = asked()
    worked()
    second = asking.again(busy, first)
    worked()
    one, two = (listing.one_report(busy, key) for key in (first, second))
    assert one.key != two.key
    assert (one.fingerprint, one.start_us, one.sections) == (two.fingerprint, two.start_us, two.sections)


def test_after_its_days_a_report_is_gone_with_its_file(busy, asked, worked, clock, gemba):
    key = asked()
    worked()
    path = asking.found(busy, key).path
    sweep(gemba, ["north"])
    assert shelf(gemba.settings).has(path)
    clock.forward(days=31)
    sweep(gemba, ["north"])
    assert not shelf(gemba.settings).has(path)
    assert listing.reports(busy) == []


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_who_may_not_make_reports_sees_none(acting, role):
    for act in (listing.reports, lambda access: asking.ask_report(access, ReportDraft(period="day"))):
        with pytest.raises(Forbidden):
            act(acting(role))


def test_another_factory_finds_nothing(busy, asked, worked, acting, gemba):
    from tests.conftest import make_factory

    key = asked()
    worked()
    other = acting("admin", make_factory(gemba, "south"))
    for act in (listing.one_report, asking.file_of, asking.again, asking.delete_report, links.link):
        with pytest.raises(NotFound):
            act(other, key)
    assert listing.reports(other) == []


def test_recipients_outside_the_factory_need_the_permission(acting, busy, span):
    draft = ReportDraft("", "json", ("summary",), (), (), *span, recipients=("Boss@plant.test",))
    with pytest.raises(Forbidden, match=r"boss@plant\.test"):
        asking.ask_report(acting("engineer"), draft)
    assert asking.ask_report(busy, draft)


def test_a_finished_report_is_mailed_once_with_its_file(busy, asked, worked):
    box = Box()
    key = asked(recipients=("boss@plant.test", "nobody@plant.test"))
    worked()
    with mail_server(box) as address:
        mailer = Mailer(f"smtp://{address}", "gemba@plant.test")
        while send_next(busy, mailer):
            continue
    [mail] = box.mails
    message = email.message_from_bytes(mail.content)
    [attached] = [part for part in message.walk() if part.get_filename()]
    assert (mail.rcpt_tos, attached.get_filename()) == (["boss@plant.test"], "North.json")
    assert attached.get_payload(decode=True) == asking.file_of(busy, key)[1]
    assert message["Subject"] == "North: North"
    states = {address: state for address, state, _ in listing.one_report(busy, key).mails}
    assert states == {"boss@plant.test": "sent", "nobody@plant.test": "refused"}


def test_a_mail_server_that_is_away_is_tried_again_and_given_up_in_the_end(busy, asked, worked, gemba, clock):
    asked(recipients=("boss@plant.test",))
    worked()
    settings = gemba.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9", "notify_attempts": 3})
    parts = replace(gemba, settings=settings)
    seen = []
    for minutes in (0, 0, 30, 30, 30):
        clock.forward(minutes=minutes)
        round_of(parts, ["north"])
        with busy.read() as session:
            [mail] = session.scalars(select(ReportMail))
        seen.append(mail.attempts)
    assert seen == [1, 1, 2, 3, 3]
    assert "refused" in mail.problem
    assert mail.state == "given_up"


def test_a_schedule_makes_the_report_of_the_period_and_its_row(busy, worked, gemba, clock):
    clock.forward(seconds=1)
    given = {"period": "day", "format": "json", "sections": ["summary"], "title": "Daily"}
    add_schedule(busy, ScheduleDraft("Daily report", "report", Rhythm("daily", 400), given))
    clock.forward(days=1)
    schedules_round(gemba, ["north"])
    claim = claim_next(gemba, "x")
    while claim is not None and claim.kind != "report":
        claim = claim_next(gemba, "x")
    assert claim is not None
    from app.jobs.context import JobContext
    from app.jobs.running import endings
    from app.reports.making import make_report

    context = JobContext(busy, claim, {**given}, lambda _share, _stage: None)
    endings.finish(gemba, claim, make_report(context), context.effects)
    [shown] = listing.reports(busy)
    assert (shown.title, shown.status, shown.period) == ("Daily", listing.COMPLETE, "day")


def test_a_report_asked_for_as_a_job_is_a_report(busy, span, worked):
    key = ask(busy, Asked("report", {"start_us": span[0], "end_us": span[1], "format": "json"}))
    worked()
    assert listing.one_report(busy, key).status == listing.COMPLETE


def test_shifts_and_months_have_their_schedules(busy):
    shift = add_schedule(busy, ScheduleDraft("Shift", "report", Rhythm("shiftly", 10), {"period": "shift"}))
    month = add_schedule(busy, ScheduleDraft("Month", "report", Rhythm("monthly", 420), {"period": "month"}))
    zone = busy.factory.zone
    from data.models import from_us

    due = [f"{from_us(one.next_run_us).astimezone(zone):%d %b %H:%M}" for one in (shift, month)]
    assert due == ["04 Mar 14:10", "01 Apr 07:00"]


def png(width=40, height=20):
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(stream, "PNG")
    return stream.getvalue()


def test_a_logo_is_checked_kept_and_printed(busy, asked, worked):
    assert logo(busy) == b""
    for wrong in (b"<svg/>", b"\x89PNG\r\n\x1a\n" + b"x" * 50, png(5_000, 2), b"x" * 2_000_000):
        with pytest.raises(InvalidInput):
            save_logo(busy, wrong)
    save_logo(busy, png())
    assert logo(busy).startswith(b"\x89PNG")
    from app.reports.making import made

    body, _ = made(busy, "k", ReportDraft("", "pdf", ("summary",)), (0, 86_400_000_000))
    assert b"/Subtype /Image" in body
    remove_logo(busy)
    assert logo(busy) == b""


def test_files_go_to_any_store_that_a_url_names(gemba):
    settings = gemba.settings.model_copy(update={"reports_url": f"memory://reports{time.time_ns()}"})
    files = shelf(settings)
    files.put("north/a.pdf", b"one")
    files.put("north/a.pdf", b"two")
    assert (files.read("north/a.pdf"), files.link("north/a.pdf", 60)) == (b"two", "")
    files.remove("north/a.pdf")
    files.remove("north/a.pdf")
    with pytest.raises(NotFound):
        files.read("north/a.pdf")
    for path in ("../secret", "/etc/passwd", ""):
        with pytest.raises(InvalidInput):
            files.put(path, b"")


def test_reports_wait_among_the_jobs_of_which_so_many_may_wait(busy, monkeypatch):
    monkeypatch.setattr("app.jobs.asking.MOST_WAITING", 2)
    draft = ReportDraft("North", "json", period="day")
    for _ in range(2):
        asking.ask_report(busy, draft)
    with pytest.raises(Conflict, match="waiting already"):
        asking.ask_report(busy, draft)
