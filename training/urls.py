from django.urls import path

from training import views

app_name = "training"
urlpatterns = [
    path("", views.my_training, name="my_training"),
    path("<int:pk>/", views.assignment_work, name="assignment_work"),
    path("<int:pk>/lessons/<int:lesson>/", views.lesson, name="lesson"),
    path("<int:pk>/lessons/<int:lesson>/read/", views.lesson_read, name="lesson_read"),
    path("<int:pk>/quiz/", views.quiz, name="quiz"),
    path("attempts/<int:pk>/", views.attempt_result, name="attempt_result"),
    path("modules/", views.module_list, name="module_list"),
    path("modules/<int:pk>/", views.module_detail, name="module_detail"),
    path("modules/<int:pk>/people/", views.module_people, name="module_people"),
    path("modules/<int:pk>/assign/", views.module_assign, name="module_assign"),
]
