from django.urls import path

from training import views

app_name = "training"
urlpatterns = [
    path("", views.my_training, name="my_training"),
    path("<id:pk>/", views.assignment_work, name="assignment_work"),
    path("<id:pk>/lessons/<id:lesson>/", views.lesson, name="lesson"),
    path("<id:pk>/lessons/<id:lesson>/read/", views.lesson_read, name="lesson_read"),
    path("<id:pk>/quiz/", views.quiz, name="quiz"),
    path("attempts/<id:pk>/", views.attempt_result, name="attempt_result"),
    path("modules/", views.module_list, name="module_list"),
    path("modules/<id:pk>/", views.module_detail, name="module_detail"),
    path("modules/<id:pk>/people/", views.module_people, name="module_people"),
    path("modules/<id:pk>/assign/", views.module_assign, name="module_assign"),
]
