"""The demo company: sites with two shops each, teams on two shifts, and the people who work there."""

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from people.actor import Actor
from people.bulk import PastHire, hire_many, roster_many
from people.models import Employee, Role, Shift, Shop, Site, Team
from people.services import create_shop, create_site, save_place

PER_SITE, PER_TEAM = 200, 10
ZONE = "Asia/Shanghai"  # of all its sites
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
OPERATORS = ("陈梅", "周强", "刘洋", "孙丽", "吴磊")  # whom the sample label logs name
SURNAMES = (
    "李王张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷"
    "龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
GIVEN = (
    *(
        "晓燕",
        "志强",
        "丽娜",
        "建军",
        "秀英",
        "海涛",
        "雪梅",
        "国庆",
        "春花",
        "文斌",
        "小红",
        "永刚",
        "婷婷",
        "俊杰",
        "慧敏",
        "大伟",
    ),
    *(
        "玉兰",
        "鹏飞",
        "佳怡",
        "明辉",
        "红霞",
        "立新",
        "美玲",
        "浩然",
        "桂芳",
        "金龙",
        "思琪",
        "少华",
        "翠萍",
        "宏伟",
        "静怡",
        "德胜",
    ),
    *(
        "雅婷",
        "振华",
        "彩云",
        "世杰",
        "凤英",
        "子轩",
        "淑珍",
        "光明",
        "欣怡",
        "兴旺",
        "月娥",
        "嘉豪",
        "巧玲",
        "安平",
        "诗涵",
        "长江",
    ),
)


@dataclass
class Place:
    """A site with who works there; `teams` by shift, each a team with its lead and members."""

    site: Site
    shops: list[Shop]
    day: Shift
    evening: Shift
    manager: Employee | None = None
    leads: dict[int, Employee] = field(default_factory=dict)  # by team
    members: dict[int, list[Employee]] = field(default_factory=dict)
    shift_of: dict[int, Shift] = field(default_factory=dict)

    def people_on(self, shift: Shift) -> list[Employee]:
        teams = [team for team, its in self.shift_of.items() if its == shift]
        return [person for team in teams for person in self.members[team]]

    def leads_on(self, shift: Shift) -> list[Employee]:
        return [self.leads[team] for team, its in self.shift_of.items() if its == shift]

    @property
    def everyone(self) -> list[Employee]:
        people = [*self.leads.values(), *(p for team in self.members.values() for p in team)]
        return [*people, self.manager] if self.manager else people


@dataclass(frozen=True)
class Account:
    """A sign-in that is told to whoever looks at the demo."""

    role: str
    number: str
    name: str
    password: str


@dataclass
class Company:
    places: list[Place]
    accounts: list[Account]
    newcomer: Employee


def make_company(
    employees: int, since: date, today: date, chance: random.Random, *, is_evening: bool = False
) -> Company:
    """Everybody works here since before `since`, the newcomer since yesterday; the first team is on the shift now."""
    names, count = _names(chance), max(1, round(employees / PER_SITE))
    places, accounts = [], []
    for n in range(count):
        place = _make_place(n)
        shifts = (place.evening, place.day) if is_evening else (place.day, place.evening)
        share = employees // count + (n < employees % count)
        places.append(place)
        accounts += _staff(place, shifts, share, since, today, names, first=1001 + n * 1000, is_first=n == 0)
    newcomer = Employee.objects.get(number=accounts[0].number)
    for place in places:
        _roster(place, today, chance, since if employees <= 1000 else today - timedelta(days=7))
    return Company(places, accounts, newcomer)


def _make_place(n: int) -> Place:
    site = create_site(
        code=f"hangzhou{n or ''}", name=f"杭州{n + 1} 号仓" if n else "杭州仓", zone=ZONE, actor=Actor.system("demo")
    )
    names = ("云栖家居专营店", "山野户外旗舰店")
    shops = [
        create_shop(
            code=f"{code}{n or ''}", name=f"{name} {n + 1}" if n else name, site=site, actor=Actor.system("demo")
        )
        for code, name in zip(("yunqi", "shanye"), names, strict=True)
    ]
    day = Shift(site=site, name="白班", starts=time(8), ends=time(18))
    evening = Shift(site=site, name="晚班", starts=time(18), ends=time(2))
    for shift in (day, evening):
        save_place(place=shift, actor=Actor.system("demo"))
    return Place(site, shops, day, evening)


def _names(chance: random.Random) -> Iterator[str]:
    while True:
        yield chance.choice(SURNAMES) + chance.choice(GIVEN)


def _password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def _staff(
    place: Place,
    shifts: tuple[Shift, Shift],
    share: int,
    since: date,
    today: date,
    names: Iterator[str],
    *,
    first: int,
    is_first: bool,
) -> list[Account]:
    """One manager, a lead to each team, the rest in teams; at the first site the people with a sign-in."""
    hired, numbers = since - timedelta(days=60), iter(range(first, first + share + 10))
    told = {"lead": "王建国", "manager": "李芳", "auditor": "赵敏", "administrator": "何静"} if is_first else {}
    accounts: list[Account] = []
    rows: list[PastHire] = []

    def hire(role: str, name: str, team: Team | None = None, account: str = "", **more: object) -> None:
        number, password = str(next(numbers)), _password() if account else ""
        day = today - timedelta(days=1) if account == "employee" else hired
        words = {"role": role, "site": place.site, "team": team, "starts_on": day, "password": password, **more}
        rows.append(PastHire(number=number, name=name, **words))  # type: ignore[arg-type]
        if account:
            accounts.append(Account(account, number, name, password))

    teams = _make_teams(place, shifts, max(2, (share - 3) // PER_TEAM))
    if is_first:
        hire(Role.EMPLOYEE, "张晓雨", teams[0], "employee", has_read_notice=False)
    hire(Role.LEAD, told.get("lead") or next(names), teams[0], "lead" if is_first else "")
    for team in teams[1:]:
        hire(Role.LEAD, next(names), team)
    hire(Role.MANAGER, told.get("manager") or next(names), None, "manager" if is_first else "")
    if is_first:
        hire(Role.AUDITOR, told["auditor"], None, "auditor")
        hire("", told["administrator"], None, "administrator", is_administrator=True)
    operators = iter(OPERATORS if is_first else ())
    for n in range(share - len(rows)):
        hire(Role.EMPLOYEE, next(operators, None) or next(names), teams[n % len(teams)])
    for row, employee in zip(rows, hire_many(rows), strict=True):
        if row.role == Role.MANAGER:
            place.manager = employee
        elif row.role == Role.LEAD and row.team:
            place.leads[row.team.pk] = employee
        elif row.role == Role.EMPLOYEE and row.team and row.has_read_notice:
            place.members[row.team.pk].append(employee)
    return accounts


def _make_teams(place: Place, shifts: tuple[Shift, Shift], count: int) -> list[Team]:
    teams = []
    for n in range(count):
        shift = shifts[n % 2]
        team = Team(site=place.site, name=f"{shift.name} {n // 2 + 1} 组")
        save_place(place=team, actor=Actor.system("demo"))
        place.shift_of[team.pk], place.members[team.pk] = shift, []
        teams.append(team)
    return teams


def _roster(place: Place, today: date, chance: random.Random, since: date) -> None:
    """Six days on, one off, from `since` to two weeks ahead; now and then a day of leave."""
    rows: list[tuple[Employee, date, Shift | None]] = []
    days = [since + timedelta(days=n) for n in range((today - since).days + 14)]
    for team, shift in place.shift_of.items():
        lead = place.leads[team]
        for person in [lead, *place.members[team]]:
            for day in days:
                if person != lead and (day.toordinal() + person.pk) % 7 == 0:
                    continue
                is_away = person != lead and chance.random() < 0.015
                rows.append((person, day, None if is_away else shift))
    roster_many(rows)
