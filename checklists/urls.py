from django.urls import path

from checklists.views import lists, runs, work

app_name = "checklists"
urlpatterns = [
    path("", runs.run_list, name="run_list"),
    path("start/", runs.run_start, name="run_start"),
    path("<int:pk>/", work.run_work, name="run_work"),
    path("<int:pk>/items/<int:item_pk>/", work.item_answer, name="item_answer"),
    path("<int:pk>/items/<int:item_pk>/verify/", work.item_verify, name="item_verify"),
    path("<int:pk>/items/<int:item_pk>/draw/", work.sample_draw, name="sample_draw"),
    path("<int:pk>/items/<int:item_pk>/correct/", runs.answer_correct, name="answer_correct"),
    path("<int:pk>/submit/", work.run_submit, name="run_submit"),
    path("<int:pk>/record/", runs.run_detail, name="run_detail"),
    path("<int:pk>/review/", runs.run_review, name="run_review"),
    path("<int:pk>/pass/", runs.pass_give, name="pass_give"),
    path("answers/<int:pk>/decide/", runs.answer_decide, name="answer_decide"),
    path("evidence/<int:pk>/", runs.evidence_open, name="evidence_open"),
    path("signatures/<int:pk>/", work.signature_open, name="signature_open"),
    path("corrections/<int:pk>/", work.correction_work, name="correction_work"),
    path("lists/", lists.checklist_list, name="checklist_list"),
    path("lists/<int:pk>/", lists.checklist_detail, name="checklist_detail"),
    path("schedules/<int:pk>/pause/", lists.schedule_pause, name="schedule_pause"),
]
