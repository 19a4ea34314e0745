from django.urls import path

from orders.views import bench, board, lookup

app_name = "orders"
urlpatterns = [
    path("board/", board.board, name="board"),
    path("findings/<int:pk>/", board.finding_detail, name="finding_detail"),
    path("findings/<int:pk>/dismiss/", board.finding_dismiss, name="finding_dismiss"),
    path("figures/", board.figure_list, name="figure_list"),
    path("figures/<slug:key>/", board.figure_rows, name="figure_rows"),
    path("lookup/", lookup.lookup, name="lookup"),
    path("<int:pk>/", lookup.order_detail, name="order_detail"),
    path("bench/", bench.bench, name="bench"),
    path("bench/undo/", bench.bench_undo, name="bench_undo"),
]
