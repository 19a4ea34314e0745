"""A plan, its materials and an activation as a test needs them."""

import uuid

from contingency.models import Activation, Material, Plan
from contingency.services import activate_plan, add_materials, publish_plan
from people.actor import Actor
from people.models import Site
from tests.cast import Cast


def content(**fields: object) -> dict:
    words = {
        "title": {"zh": "打印机故障", "en": "Printer down"},
        "trigger": {"zh": "面单打不出来", "en": "Labels do not print"},
        "roles": [{"zh": "组长：指挥", "en": "Lead: directs"}],
        "steps": [
            {"title": {"zh": "停止打单", "en": "Stop printing"}, "minutes": 2},
            {"title": {"zh": "换备用机", "en": "Use the spare"}, "minutes": 10},
        ],
        "materials": [
            {
                "slug": "spare-printer",
                "name": {"zh": "备用打印机", "en": "Spare printer"},
                "unit": {"zh": "台", "en": "pc"},
                "least": 1,
            }
        ],
    }
    return {**words, **fields}


def make_plan(sites: list[Site], slug: str = "printer-down", **fields: object) -> Plan:
    version = publish_plan(slug=slug, content=content(**fields), actor=Actor.system("command"))
    add_materials(version=version, sites=sites, actor=Actor.system("command"))
    return Plan.objects.get(slug=slug)


def make_activation(cast: Cast, plan: Plan | None = None, **fields: object) -> Activation:
    words = {"site": cast.site, "actor": Actor.of(cast.wang), "client_id": uuid.uuid4()}
    return activate_plan(plan=plan or make_plan([cast.site]), **{**words, "reason": "2 号机卡纸", **fields})


def the_printer(cast: Cast) -> Material:
    return Material.objects.get(site=cast.site, slug="spare-printer")
