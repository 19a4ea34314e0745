"""Every route of the product, and what each viewer is answered there.

A row reads: nobody (not signed in), Mei (employee), Lao Wang (lead), Director Li (manager), Auditor Zhao, Admin Sun, and
Chen, a manager at another site. `get` asks for a page; `post` sends what is given here, mostly a form that is filled well enough.
404: does not exist for this viewer; 403: exists, but the role lacks this; 405 never appears.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests import things
from tests.cast import Cast

Build = Callable[[Cast], dict[str, object]]
Value = object  # a value to send, or a function of the cast that gives it
KEY = "1b671a64-40d5-491e-99b0-da01ff1f3341"


@dataclass(frozen=True)
class Route:
    method: str
    expected: tuple[int, ...]
    build: Build | None = None
    sent: dict[str, Value] = field(default_factory=dict)


def get(expected: str, build: Build | None = None, **sent: Value) -> Route:
    return Route("get", tuple(map(int, expected.split())), build, sent)


def post(expected: str, build: Build | None = None, **sent: Value) -> Route:
    return Route("post", tuple(map(int, expected.split())), build, sent)


# fmt: off
ROUTES: dict[str, Route] = {
    #                                nobody Mei Wang Li Zhao Sun Chen
    "healthz":                    get("503 503 503 503 503 503 503"),
    "duties:today":                        get("302 200 200 200 200 200 200"),
    "duties:history":                      get("302 200 200 200 200 200 200"),
    "duties:duty_open":                    get("302 302 302 302 302 302 404", things.duty),
    "duties:duty_detail":                  get("302 200 200 200 200 200 404", things.duty),
    "duties:duty_claim":                   post("302 302 302 302 403 302 404", things.duty),
    "duties:duty_reassign":                post("302 403 302 302 403 302 404", things.duty, to=lambda c: c.wang.pk, note="换班"),
    "duties:duty_waive":                   post("302 403 302 302 403 302 404", things.duty, reason="盘点，今天不查"),
    "duties:employee_leave":               get("302 403 403 403 403 200 403", things.employee),
    "people:sign_in":                      get("200 302 302 302 302 302 302"),
    "people:sign_out":                     post("302 302 302 302 302 302 302"),
    "people:resume":                       get("302 404 404 404 404 404 404", things.kept_input),
    "people:set_language":                 post("302 302 302 302 302 302 302"),
    "people:set_theme":                    post("302 302 302 302 302 302 302"),
    "people:me":                           get("302 200 200 200 200 200 200"),
    "people:notice":                       get("302 200 200 200 200 200 200"),
    "people:change_password":              get("302 200 200 200 200 200 200"),
    "people:set_pin":                      get("302 200 200 200 200 200 200"),
    "people:first_administrator":          get("404 404 404 404 404 404 404"),
    "people:first_place":                  get("302 403 403 403 403 302 403"),
    "people:check_in":                     post("302 302 302 302 403 403 404", shift=lambda c: c.day_shift.pk),
    "people:roster_home":                  get("302 403 302 302 302 302 200"),
    "people:roster_week":                  get("302 403 200 200 200 200 404", things.team),
    "people:roster_day":                   post("302 403 302 302 403 302 404", things.team, employee=lambda c: c.mei.pk, day="2026-11-12", choice=""),
    "people:roster_copy":                  post("302 403 302 302 403 302 404", things.team),
    "people:admin_home":                   get("302 403 403 403 403 200 403"),
    "people:place_new":                    get("302 403 403 403 403 200 403", things.kind_of_place),
    "people:place_edit":                   get("302 403 403 403 403 200 403", things.site),
    "people:employee_list":                get("302 403 403 200 200 200 200"),
    "people:employee_new":                 get("302 403 403 403 403 200 403"),
    "people:employee_detail":              get("302 403 403 200 200 200 404", things.employee),
    "people:employee_edit":                get("302 403 403 403 403 200 403", things.employee),
    "people:employee_reset_password":      post("302 403 403 403 403 200 403", things.employee),
    "people:employee_reactivate":          post("302 403 403 403 403 302 403", things.employee),
    "people:membership_new":               get("302 403 403 403 403 200 403", things.employee),
    "people:membership_end":               get("302 403 403 403 403 200 403", things.membership),
    "notifications:notice_list":           get("302 200 200 200 200 200 200"),
    "notifications:notice_read_all":       post("302 302 302 302 302 302 302"),
    "notifications:notice_open":           post("302 302 404 404 404 404 404", things.notice),
    "cases:case_list":                     get("302 200 200 200 200 200 200"),
    "cases:case_export":                   get("302 200 200 200 200 200 200"),
    "cases:case_workbook":                 get("302 200 200 200 200 200 200"),
    "cases:case_new":                      get("302 200 200 200 403 200 200"),
    "cases:case_many":                    post("302 302 302 302 403 302 302", finding=lambda c: things.finding(c)["pk"], client_id=KEY),
    "cases:case_detail":                   get("302 200 200 200 200 200 404", things.case),
    "cases:case_take":                     post("302 302 302 302 403 302 404", things.case),
    "cases:case_assign":                   post("302 403 302 302 403 302 404", things.case, to=lambda c: c.wang.pk),
    "cases:case_note":                     post("302 302 302 302 403 302 404", things.case, client_id=KEY, note="已联系"),
    "cases:case_contact":                  post("302 302 302 302 403 302 404", things.case, client_id=KEY, whom="courier", channel="phone", said="明天揽收"),
    "cases:case_status":                   post("302 302 302 302 403 302 404", things.case, client_id=KEY, status="wait_courier"),
    "cases:case_resolve":                  post("302 302 302 302 403 302 404", things.case, client_id=KEY, cause="sync_delay", resolution="platform_corrected", note="补传"),
    "cases:case_close":                    post("302 403 422 422 403 422 404", things.case, client_id=KEY, note="好了"),
    "cases:case_reopen":                   post("302 403 409 409 403 409 404", things.case, client_id=KEY, note="又来了"),
    "cases:case_statement":                post("302 302 302 302 403 302 404", things.case, client_id=KEY, employee=lambda c: c.mei.pk, text="我贴的"),
    "cases:case_responsible":              post("302 403 302 302 403 302 404", things.case, client_id=KEY),
    "cases:station_list":                  get("302 200 200 200 200 200 200"),
    "cases:station_new":                   get("302 403 200 200 403 200 200"),
    "cases:station_edit":                  get("302 403 200 200 403 200 404", things.station),
    "cases:retraining":                    get("302 403 200 200 200 200 200"),
    "cases:retraining_end":                post("302 403 403 302 403 302 404", things.retraining_rule),
    "cases:follow_up":                     get("302 302 302 302 302 302 404", things.follow_up),
    "cases:follow_up_complete":            post("302 302 302 302 403 302 404", things.follow_up, client_id=KEY, note="已揽收"),
    "contingency:plan_list":               get("302 200 200 200 200 200 200"),
    "contingency:plan_detail":             get("302 200 200 200 200 200 200", things.plan),
    "contingency:plan_activate":           get("302 403 200 200 403 200 200", things.plan),
    "contingency:drill_new":               get("302 403 200 200 403 200 200", things.plan),
    "contingency:activation_list":         get("302 200 200 200 200 200 200"),
    "contingency:activation_detail":       get("302 200 200 200 200 200 404", things.activation),
    "contingency:step_tick":               post("302 302 302 302 403 302 404", things.step, client_id=KEY, is_done="on"),
    "contingency:activation_take":         post("302 422 422 422 403 422 404", things.activation, client_id=KEY, quantity="1", material=things.printer),
    "contingency:activation_close":        get("302 403 200 200 403 200 404", things.activation),
    "contingency:drill_detail":            get("302 302 302 302 302 302 404", things.drill),
    "contingency:material_list":           get("302 200 200 200 200 200 200"),
    "contingency:material_detail":         get("302 200 200 200 200 200 404", things.material),
    "orders:board":                        get("302 200 200 200 200 200 200"),
    "orders:finding_detail":               get("302 200 200 200 200 200 404", things.finding),
    "orders:finding_dismiss":              post("302 302 302 302 403 302 404", things.finding, reason="已在平台更正"),
    "orders:findings_dismiss":            post("302 200 200 200 403 200 302", finding=lambda c: things.finding(c)["pk"]),
    "orders:causes":                       get("302 200 200 200 200 200 200"),
    "orders:pickups":                      get("302 200 200 200 200 200 200"),
    "orders:rule_list":                    get("302 403 403 200 200 200 200"),
    "orders:rule_edit":                    get("302 403 403 200 200 200 200", things.rule),
    "orders:move_withdraw":                post("302 404 404 302 403 302 404", things.deadline_move),
    "orders:figure_list":                  get("302 200 200 200 200 200 200"),
    "orders:figure_rows":                  get("302 200 200 200 200 200 200", things.figure),
    "orders:lookup":                       get("302 200 200 200 200 200 200"),
    "orders:order_detail":                 get("302 200 200 200 200 200 404", things.order),
    "orders:bench":                        get("302 200 200 200 403 200 200"),
    "orders:bench_counts":                 get("302 200 200 200 200 200 200"),
    "orders:bench_photo":                  post("302 302 302 302 403 302 302", client_id=KEY),
    "orders:photo_detail":                 get("302 200 200 200 200 200 404", things.label_photo),
    "orders:photo_confirm":                post("302 302 409 409 403 409 404", things.label_photo),
    "orders:photo_open":                   get("302 404 404 404 404 404 404", things.label_photo),
    "orders:bench_known":                  get("302 200 200 200 403 200 200"),
    "orders:bench_taken_out":              post("302 302 302 302 403 302 404", things.late_parcel),
    "orders:bench_end":                    post("302 302 403 403 403 403 403", client_id=KEY, parcel=things.begun_parcel),
    "orders:barcode_teach":                post("302 403 404 404 403 404 404", parcel=things.verification, code="690001", key="LAMP-1"),
    "orders:product_list":                 get("302 403 200 200 200 200 200"),
    "orders:product_detail":               get("302 404 200 200 200 200 404", things.product),
    "orders:product_photo":                post("302 404 302 302 403 302 404", things.product, client_id=KEY),
    "orders:product_picture":              get("302 200 200 200 200 200 404", things.pictured_product),
    "orders:barcodes_paste":               get("302 403 200 200 403 200 200"),
    "orders:barcode_forget":               post("302 404 302 302 403 302 404", things.barcode),
    "orders:bench_undo":                   post("302 302 404 404 403 404 404", verification=things.verification, client_id=KEY),
    "orders:import_list":                  get("302 403 403 200 200 200 200"),
    "orders:import_new":                   get("302 403 403 200 403 200 200"),
    "orders:import_detail":                get("302 404 404 200 200 200 404", things.preview),
    "orders:import_progress":              get("302 404 404 302 302 302 404", things.preview),
    "orders:import_confirm":               post("302 404 404 302 403 302 404", things.preview),
    "orders:import_cancel":                post("302 404 404 302 403 302 404", things.preview),
    "orders:import_faults":                get("302 404 404 200 200 200 404", things.preview),
    "orders:columns_edit":                 get("302 404 404 200 403 200 404", things.imported_file),
    "orders:columns_forget":               post("302 404 404 302 403 302 404", things.imported_file),
    "orders:coverage_edit":                post("302 404 404 302 403 302 404", things.coverage, starts_at="2026-11-20 08:00", ends_at="2026-11-23 08:00"),
    "training:my_training":                get("302 200 200 200 200 200 200"),
    "training:assignment_work":            get("302 200 200 200 200 200 404", things.assignment),
    "training:lesson":                     get("302 200 200 200 200 200 404", things.lesson),
    "training:lesson_read":                post("302 302 403 403 403 403 404", things.lesson),
    "training:quiz":                       get("302 422 403 403 403 403 404", things.assignment),
    "training:attempt_result":             get("302 200 200 200 200 200 404", things.attempt),
    "training:module_list":                get("302 403 200 200 200 200 200"),
    "training:module_detail":              get("302 403 200 200 200 200 200", things.module),
    "training:module_assign":              get("302 403 200 200 403 200 200", things.module),
    "checklists:run_list":                 get("302 200 200 200 200 200 200"),
    "checklists:run_start":                get("302 403 200 200 403 200 200"),
    "checklists:run_work":                 get("302 200 200 200 200 200 404", things.run),
    "checklists:item_answer":              post("302 302 302 302 403 302 404", things.item, client_id=KEY, value="pass"),
    "checklists:item_verify":              post("302 302 302 302 403 302 404", things.item),
    "checklists:sample_draw":              post("302 302 302 302 403 302 404", things.item),
    "checklists:answer_correct":           get("302 403 200 200 403 200 404", things.item),
    "checklists:run_submit":               post("302 302 302 302 403 302 404", things.run),
    "checklists:run_detail":               get("302 200 200 200 200 200 404", things.run),
    "checklists:run_review":               post("302 403 409 409 403 409 404", things.run, client_id=KEY, verdict="accepted", note="好"),
    "checklists:pass_give":                post("302 403 422 422 403 422 404", things.run),
    "checklists:answer_decide":            post("302 403 302 302 403 302 404", things.answer),
    "checklists:evidence_open":            get("302 404 404 404 404 404 404", things.nothing),
    "checklists:signature_open":           get("302 404 404 404 404 404 404", things.nothing),
    "checklists:correction_work":          get("302 404 404 404 404 404 404", things.nothing),
    "checklists:checklist_list":           get("302 200 200 200 200 200 200"),
    "checklists:checklist_detail":         get("302 200 200 200 200 200 200", things.checklist),
    "checklists:schedule_pause":           post("302 403 403 302 403 302 404", things.schedule),
    "compliance:matrix":                   get("302 302 200 200 200 200 200"),
    "compliance:export":                   get("302 403 200 200 200 200 200"),
    "compliance:person":                   get("302 200 200 200 200 200 404", things.employee),
    "compliance:remind":                   post("302 403 302 302 403 302 302"),
    "compliance:remind_person":            post("302 403 302 302 403 302 404", things.employee),
    "compliance:ledger_entry":             get("302 403 200 200 200 200 404", things.entry),
    "compliance:ledger":                   get("302 403 200 200 200 200 200"),
    "compliance:ledger_verify":            post("302 403 302 302 302 302 404", things.chain),
    "compliance:ledger_export":            get("302 403 200 200 200 200 404", things.chain),
}
# fmt: on
