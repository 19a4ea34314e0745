"""A company as it is after years, filled by SQL on PostgreSQL: 10,000 people, so many duties, a run behind each check's
duty, and a shift's start with thousands of schedules; then what lists, counts and the clock cost there."""

from django.db import connection

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
