from django.urls import path

from checklists.views import lists, runs, work

app_name = "checklists"
urlpatterns = [
    path("", runs.run_list, name="run_list"),
    path("start/", runs.run_start, name="run_start"),
    path("<id:pk>/", work.run_work, name="run_work"),
    path("<id:pk>/items/<id:item_pk>/", work.item_answer, name="item_answer"),
    path("<id:pk>/items/<id:item_pk>/verify/", work.item_verify, name="item_verify"),
    path("<id:pk>/items/<id:item_pk>/draw/", work.sample_draw, name="sample_draw"),
    path("<id:pk>/items/<id:item_pk>/correct/", runs.answer_correct, name="answer_correct"),
    path("<id:pk>/submit/", work.run_submit, name="run_submit"),
    path("<id:pk>/record/", runs.run_detail, name="run_detail"),
    path("<id:pk>/review/", runs.run_review, name="run_review"),
    path("<id:pk>/pass/", runs.pass_give, name="pass_give"),
    path("answers/<id:pk>/decide/", runs.answer_decide, name="answer_decide"),
    path("evidence/<id:pk>/", runs.evidence_open, name="evidence_open"),
    path("signatures/<id:pk>/", work.signature_open, name="signature_open"),
    path("corrections/<id:pk>/", work.correction_work, name="correction_work"),
    path("lists/", lists.checklist_list, name="checklist_list"),
    path("lists/<id:pk>/", lists.checklist_detail, name="checklist_detail"),
    path("schedules/<id:pk>/pause/", lists.schedule_pause, name="schedule_pause"),
]
