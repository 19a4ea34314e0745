from django.urls import path

from orders.views import bench, board, causes, imports, lookup, photos, rules

app_name = "orders"
urlpatterns = [
    path("board/", board.board, name="board"),
    path("findings/<int:pk>/", board.finding_detail, name="finding_detail"),
    path("findings/<int:pk>/dismiss/", board.finding_dismiss, name="finding_dismiss"),
    path("findings/dismiss/", board.findings_dismiss, name="findings_dismiss"),
    path("causes/", causes.causes, name="causes"),
    path("pickups/", causes.pickups, name="pickups"),
    path("rules/", rules.rule_list, name="rule_list"),
    path("rules/<slug:key>/", rules.rule_edit, name="rule_edit"),
    path("rules/moves/<int:pk>/withdraw/", rules.move_withdraw, name="move_withdraw"),
    path("figures/", board.figure_list, name="figure_list"),
    path("figures/<slug:key>/", board.figure_rows, name="figure_rows"),
    path("lookup/", lookup.lookup, name="lookup"),
    path("<int:pk>/", lookup.order_detail, name="order_detail"),
    path("bench/", bench.bench, name="bench"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/<int:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<int:pk>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<int:pk>/cancel/", imports.import_cancel, name="import_cancel"),
    path("imports/<int:pk>/faults/", imports.import_faults, name="import_faults"),
    path("imports/<int:pk>/coverage/<int:coverage>/", imports.coverage_edit, name="coverage_edit"),
    path("imports/<int:pk>/files/<int:file>/columns/", imports.columns_edit, name="columns_edit"),
    path("imports/<int:pk>/files/<int:file>/columns/forget/", imports.columns_forget, name="columns_forget"),
    path("bench/today/", bench.bench_counts, name="bench_counts"),
    path("bench/photo/", photos.bench_photo, name="bench_photo"),
    path("photos/<int:pk>/", photos.photo_detail, name="photo_detail"),
    path("photos/<int:pk>/confirm/", photos.photo_confirm, name="photo_confirm"),
    path("photos/<int:pk>/label.jpg", photos.photo_open, name="photo_open"),
    path("bench/undo/", bench.bench_undo, name="bench_undo"),
]
