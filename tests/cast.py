"""The fixed cast: who appears in every test.

Mei (employee), Lao Wang (lead) and Director Li (manager) work at the site Hangzhou, which serves the shop Shanye;
Auditor Zhao is granted that site; Chen works for another shop at another site and may see nothing of it; Admin Sun
administers the company.
"""

from dataclasses import dataclass
from datetime import date, time

from django.test import Client

from people.models import Employee, Membership, Role, Shift, Shop, Site, Team

PASSWORD = "packing-bench-7"
SINCE = date(2025, 1, 1)


@dataclass
class Cast:
    site: Site
    shop: Shop
    team: Team
    day_shift: Shift
    night_shift: Shift
    mei: Employee
    wang: Employee
    li: Employee
    zhao: Employee
    sun: Employee
    other_site: Site
    other_shop: Shop
    chen: Employee

    @property
    def everyone(self) -> list[Employee]:
        return [self.mei, self.wang, self.li, self.zhao, self.sun, self.chen]


def make_employee(number: str, name: str, **fields: object) -> Employee:
    employee = Employee(number=number, name=name, **{"notice_read_at": "2025-01-01T00:00:00Z", **fields})
    employee.set_password(PASSWORD)
    employee.save()
    employee.refresh_from_db()
    return employee


def make_member(cast: Cast, n: int) -> Employee:
    """One more employee of the cast's team, for pages that must stay quick."""
    person = make_employee(f"5{n:03}", f"员工{n}")
    Membership.objects.create(employee=person, role=Role.EMPLOYEE, site=cast.site, team=cast.team, starts_on=SINCE)
    return person


def signed_in(employee: Employee) -> Client:
    client = Client()
    client.force_login(employee, backend="people.backends.NumberBackend")
    return client


def make_cast() -> Cast:
    site = Site.objects.create(code="hangzhou", name="杭州仓")
    shop = Shop.objects.create(code="shanye", name="山野户外旗舰店", site=site)
    team = Team.objects.create(site=site, name="早班组")
    day = Shift.objects.create(site=site, name="白班", starts=time(8), ends=time(18))
    night = Shift.objects.create(site=site, name="夜班", starts=time(18), ends=time(2))
    other_site = Site.objects.create(code="yiwu", name="义乌仓")
    other_shop = Shop.objects.create(code="yunqi", name="云栖家居专营店", site=other_site)
    mei, wang = make_employee("1001", "陈梅"), make_employee("1002", "王建国")
    li, zhao = make_employee("1003", "李芳"), make_employee("1004", "赵敏")
    sun = make_employee("1005", "孙丽", is_administrator=True)
    chen = make_employee("2001", "陈晨")
    for employee, role, at, its_team in (
        (mei, Role.EMPLOYEE, site, team),
        (wang, Role.LEAD, site, team),
        (li, Role.MANAGER, site, None),
        (zhao, Role.AUDITOR, site, None),
        (chen, Role.MANAGER, other_site, None),
    ):
        Membership.objects.create(employee=employee, role=role, site=at, team=its_team, starts_on=SINCE)
    return Cast(site, shop, team, day, night, mei, wang, li, zhao, sun, other_site, other_shop, chen)
