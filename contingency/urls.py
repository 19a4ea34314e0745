from django.urls import path

from contingency import views

app_name = "contingency"
urlpatterns = [
    path("", views.plan_list, name="plan_list"),
    path("<id:pk>/", views.plan_detail, name="plan_detail"),
    path("<id:pk>/activate/", views.plan_activate, name="plan_activate"),
    path("<id:pk>/drill/", views.drill_new, name="drill_new"),
    path("activations/", views.activation_list, name="activation_list"),
    path("activations/<id:pk>/", views.activation_detail, name="activation_detail"),
    path("activations/<id:pk>/steps/<id:step>/", views.step_tick, name="step_tick"),
    path("activations/<id:pk>/take/", views.activation_take, name="activation_take"),
    path("activations/<id:pk>/close/", views.activation_close, name="activation_close"),
    path("drills/<id:pk>/", views.drill_detail, name="drill_detail"),
    path("materials/", views.material_list, name="material_list"),
    path("materials/<id:pk>/", views.material_detail, name="material_detail"),
]
