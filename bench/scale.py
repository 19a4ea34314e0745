"""A company as it is after years, filled by SQL on PostgreSQL: 10,000 people, so many duties, a run behind each check's
duty, and a shift's start with thousands of schedules; then what lists, counts and the clock cost there."""

import time
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle, islice
from statistics import median
from typing import Any

import django
from django.conf import settings

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from bench.inside import signed_in  # noqa: E402
from checklists.models import Checklist, Schedule  # noqa: E402
from checklists.services import open_due_runs  # noqa: E402
from compliance.selectors import Filters, Period, chosen_duties, counts  # noqa: E402
from config.ticking import STEPS  # noqa: E402
from duties.ticking import close_missed_duties  # noqa: E402
from kernel import clock  # noqa: E402
from people.models import Employee, Shift, Site  # noqa: E402
from people.scope import scope_of  # noqa: E402

TIMES = 5
HOUR = timedelta(hours=1)
PEOPLE = 10_000
DAYS = 3 * 365
FILL = """
INSERT INTO people_employee (number, name, email, password, pin, language, is_active, is_administrator,
    must_change_password, notice_read_at, created_at)
SELECT 'S' || n, '员工' || n, '', '!', '', 'zh-hans', n %% 10 <> 0, false, false, now(), now()
FROM generate_series(1, %(people)s - (SELECT count(*)::int FROM people_employee)) n;

INSERT INTO people_membership (employee_id, site_id, team_id, role, starts_on)
SELECT e.id, t.site_id, t.id, CASE WHEN e.id %% 25 = 0 THEN 'lead' ELSE 'employee' END, current_date - 1200
FROM people_employee e
JOIN (SELECT id, site_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS teams FROM people_team) t
    ON e.id %% t.teams = t.place
WHERE e.number LIKE 'S%%';

CREATE TEMP TABLE staff AS
SELECT row_number() OVER (ORDER BY e.id) - 1 AS place, e.id, min(m.site_id) AS site_id, min(m.team_id) AS team_id
FROM people_employee e JOIN people_membership m ON m.employee_id = e.id AND m.site_id IS NOT NULL
WHERE m.role IN ('lead', 'employee') GROUP BY e.id;
CREATE UNIQUE INDEX ON staff (place);
CREATE TEMP TABLE checks AS
SELECT row_number() OVER (ORDER BY id) - 1 AS place, id, checklist_id FROM checklists_checklistversion;
ANALYZE staff; ANALYZE checks;

INSERT INTO duties_duty (key, obligation, kind, subject_id, title, site_id, assignee_id, team_id, opens_at, due_at,
    closes_at, completed_at, completed_by_id, missed_at, outcome, is_claimable, waived_reason, escalated_at)
SELECT 'scale:' || n,
    CASE WHEN n %% 10 < 6 THEN 'checklist:' || c.checklist_id WHEN n %% 10 < 8 THEN 'review'
        WHEN n %% 10 < 9 THEN 'case' ELSE 'module:' || (n %% 7) END,
    CASE WHEN n %% 10 < 6 THEN 'run' WHEN n %% 10 < 8 THEN 'review' WHEN n %% 10 < 9 THEN 'case' ELSE 'module' END,
    0, '{"zh": "晨间订单检查", "en": "Morning order check"}', s.site_id, s.id, s.team_id,
    due - interval '1 hour', due, due + interval '2 hours',
    CASE WHEN n / 10 %% 100 < 96 THEN due + (n / 10 %% 100 - 88) * interval '3 minutes' END,
    CASE WHEN n / 10 %% 100 < 96 THEN s.id END,
    CASE WHEN n / 10 %% 100 >= 96 THEN due + interval '2 hours' END, '', false, '', due
FROM (SELECT n, date_trunc('second', now()) - interval '4 hours'
        - interval '1 second' * (n::bigint * %(days)s * 86400 / %(duties)s) AS due
    FROM generate_series(1, %(duties)s) n) d
JOIN staff s ON s.place = (n::bigint * 7919) %% (SELECT count(*) FROM staff)
JOIN checks c ON c.place = n %% (SELECT count(*) FROM checks);

INSERT INTO checklists_run (version_id, site_id, day, duty_id, state, opened_at, submitted_at, submitted_by_id, digest,
    review_note, missed_because)
SELECT (SELECT max(id) FROM checks WHERE 'checklist:' || checklist_id = d.obligation), d.site_id, d.due_at::date, d.id,
    CASE WHEN d.completed_at IS NULL THEN 'open' ELSE 'accepted' END, d.opens_at, d.completed_at, d.completed_by_id,
    '', '', '{}'
FROM duties_duty d WHERE d.kind = 'run' AND d.key LIKE 'scale:%%';
"""


def fill(duties: int) -> None:
    """Fills a seeded company up; takes a minute for each million duties."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"people": PEOPLE, "days": DAYS, "duties": duties})
        cursor.execute("VACUUM ANALYZE")


def report(duties: int) -> None:
    """Prints what lists, counts, the CSV and the clock cost, each beside what the database does alone."""
    fill(duties)
    admin = Employee.objects.filter(is_administrator=True).earliest("id")
    scope, at = scope_of(admin), clock.now()
    client = signed_in(admin)
    settings.ALLOWED_HOSTS = ["*"]
    years = f"start={clock.today(scope.zone) - timedelta(days=DAYS)}"
    print(f"\n{connection.vendor}, {PEOPLE} people, {duties} duties: median of {TIMES}, milliseconds")
    scan = "SELECT obligation, count(*) FROM duties_duty GROUP BY obligation"
    row("every duty read and grouped, bare", lambda: raw(scan), "")
    row("matrix by item, 3 years", lambda: got(client, f"/compliance/?by=item&{years}"), 1000)
    row("matrix, 30 days", lambda: got(client, "/compliance/"), "")
    row("matrix, most late first", lambda: got(client, "/compliance/?order=late"), 200)
    row("checks, today", lambda: got(client, "/checks/"), 200)
    row("checks, past", lambda: got(client, "/checks/?when=past"), 200)
    row("modules", lambda: got(client, "/training/modules/"), 200)
    filters = Filters(Period(clock.today(scope.zone) - timedelta(days=29), clock.today(scope.zone), scope.zone))
    counted = chosen_duties(scope, filters, at).order_by().values_list("counts_for_id", "obligation")
    sql, given = counted.annotate(**counts(at)).query.sql_with_params()
    bare = row("its rows, bare", lambda: raw(sql, given), "")
    csv = row("CSV of the matrix, 30 days", lambda: lines_of(client), "")
    print(f"{'the CSV, × of bare':44}{csv / bare:10.1f}{3:>12}")
    for step in STEPS:
        step(clock.now())
    row("tick: what is missed", lambda: close_missed_duties(clock.now()), 10)
    row("tick: all steps", lambda: [step(clock.now()) for step in STEPS], "")
    plan_shift(5000)
    began = time.perf_counter()
    opened = open_due_runs(clock.now())
    took, name = (time.perf_counter() - began) * 1000, f"{opened} runs at a shift's start"
    print(f"{name:44}{took:10.0f}{10_000:>12}")


def row(name: str, work: Callable[[], Any], most: int | str) -> float:
    """Prints and returns the median of a work, warm, beside what it may take."""
    work()
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    print(f"{name:44}{median(took):10.0f}{most:>12}", flush=True)
    return median(took)


def raw(sql: str, given: tuple[Any, ...] = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return len(cursor.fetchall())


def got(client: Client, path: str) -> None:
    if client.get(path).status_code != 200:
        raise RuntimeError(path)


def lines_of(client: Client) -> int:
    response: Any = client.get("/compliance/export/")
    return sum(len(part) for part in response.streaming_content)


def plan_shift(n: int) -> None:
    """So many schedules of shifts that began an hour ago, one at each site."""
    now, checklist = clock.now(), Checklist.objects.get(slug="morning-order-check")
    shifts = []
    for site in Site.objects.filter(is_active=True):
        starts, ends = ((now + hours * HOUR).astimezone(site.tz).time().replace(second=0) for hours in (-1, 4))
        shifts.append(Shift.objects.create(site=site, name="scale", starts=starts, ends=ends))
    plans = []
    for shift in islice(cycle(shifts), n):
        opens, due = ((now + hours * HOUR).astimezone(shift.site.tz).time().replace(second=0) for hours in (-0.5, 3))
        same = {"site": shift.site, "shift": shift, "opens": opens, "due": due}
        plans.append(Schedule(checklist=checklist, begins_at=now - HOUR, **same))
    Schedule.objects.bulk_create(plans, batch_size=1000)
