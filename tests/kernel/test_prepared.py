"""A prepared query answers as its queryset would, for each value anew."""

from datetime import UTC, date, datetime

from django.db import connection, transaction
from django.db.models import BigAutoField, CharField, DateField, QuerySet
from django.test.utils import CaptureQueriesContext

from kernel.prepared import Prepared, count_of
from people.models import Employee, Membership
from tests.cast import Cast

BY_NAME = Prepared(lambda name: Employee.objects.filter(name=name).order_by("id"), name=CharField())
SINCE = Prepared(
    lambda day: Membership.objects.filter(starts_on__lte=day).order_by("id").values_list("id", "starts_on"),
    day=DateField(),
)
LOCKED = Prepared(
    lambda pk: Membership.objects.select_related("employee").select_for_update(of=("self",)).filter(employee_id=pk),
    pk=BigAutoField(),
)


def test_each_value_gets_its_own_rows_in_one_statement(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert BY_NAME(name=cast.mei.name) == [cast.mei]
        assert BY_NAME(name=cast.wang.name) == [cast.wang]
        assert BY_NAME(name="' OR 1=1 --") == [] and BY_NAME(name="%s") == []
    assert len(asked) == 4


def test_tuples_and_days_come_as_the_queryset_gives_them(cast: Cast) -> None:
    day = date(2025, 6, 1)
    rows = SINCE(day=day)
    assert rows == list(Membership.objects.filter(starts_on__lte=day).order_by("id").values_list("id", "starts_on"))
    assert rows and SINCE(day=date(2000, 1, 1)) == []


def test_rows_are_fresh_instances_with_their_relations_and_can_be_locked(cast: Cast) -> None:
    for who in (cast.mei, cast.wang):
        with transaction.atomic():
            first, again = LOCKED(pk=who.pk)[0], LOCKED(pk=who.pk)[0]
        assert first is not again and first.employee == who
        with CaptureQueriesContext(connection) as asked:
            assert first.employee.name == who.name
        assert len(asked) == 0


def employees_since(site_id: int, *, since: date) -> QuerySet[Membership]:
    return Membership.objects.filter(site=site_id, starts_on__lte=since).order_by("-id")


def test_a_count_is_prepared_once_for_what_is_given_and_asked_anew(cast: Cast) -> None:
    for day in (datetime(2025, 6, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)):
        for site in (cast.site, cast.other_site):
            expected = employees_since(site.pk, since=day).count()
            with CaptureQueriesContext(connection) as asked:
                assert count_of(employees_since, site.pk, since=day) == expected
            assert len(asked) == 1
    Membership.objects.all().delete()
    assert count_of(employees_since, cast.site.pk, since=datetime(2025, 6, 1, tzinfo=UTC)) == 0


def test_what_can_have_no_rows_is_not_asked(cast: Cast) -> None:
    nothing = Prepared(lambda pk: Employee.objects.filter(pk__in=[]).filter(pk=pk), pk=BigAutoField())
    with CaptureQueriesContext(connection) as asked:
        assert nothing(pk=cast.mei.pk) == [] and nothing(pk=cast.mei.pk) == []
    assert len(asked) == 0
