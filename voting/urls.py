from django.urls import path

from voting import views

app_name = "voting"
urlpatterns = [
    path("", views.round_list, name="round_list"),
    path("new/", views.round_create, name="round_create"),
    path("preferences/", views.preference_edit, name="preference_edit"),
    path("<slug:slug>/", views.round_detail, name="round_detail"),
    path("<slug:slug>/edit/", views.round_edit, name="round_edit"),
    path("<slug:slug>/tracks/", views.round_divide, name="round_divide"),
    path("<slug:slug>/publish/", views.round_publish, name="round_publish"),
    path("<slug:slug>/confirm/", views.round_confirm, name="round_confirm"),
    path("<slug:slug>/freeze/", views.round_freeze, name="round_freeze"),
    path("<slug:slug>/close/", views.round_close, name="round_close"),
    path("<slug:slug>/tally/", views.round_tally, name="round_tally"),
    path("<slug:slug>/finalise/", views.round_finalise, name="round_finalise"),
    path("<slug:slug>/cancel/", views.round_cancel, name="round_cancel"),
    path("<slug:slug>/objections/new/", views.objection_file, name="objection_file"),
    path("<slug:slug>/objections/<int:number>/", views.objection_decide, name="objection_decide"),
    path("<slug:slug>/ballot/", views.ballot_cast, name="ballot_cast"),
    path("<slug:slug>/draft/", views.draft_edit, name="draft_edit"),
    path("<slug:slug>/draft/release/", views.draft_release, name="draft_release"),
    path("<slug:slug>/draft/discard/", views.draft_discard, name="draft_discard"),
    path("<slug:slug>/delegation/", views.delegation_create, name="delegation_create"),
    path("<slug:slug>/delegation/<int:pk>/accept/", views.delegation_accept, name="delegation_accept"),
    path("<slug:slug>/delegation/<int:pk>/revoke/", views.delegation_revoke, name="delegation_revoke"),
    path("<slug:slug>/receipt/<int:version>/", views.receipt_detail, name="receipt_detail"),
    path("<slug:slug>/receipt/<int:version>/pdf/", views.receipt_pdf, name="receipt_pdf"),
    path("<slug:slug>/receipt/<int:version>/text/", views.receipt_text, name="receipt_text"),
    path("<slug:slug>/board/", views.board_list, name="board_list"),
    path("<slug:slug>/board/check/", views.board_check, name="board_check"),
    path("<slug:slug>/result/", views.round_result, name="round_result"),
    path("<slug:slug>/kit/", views.round_kit, name="round_kit"),
]
