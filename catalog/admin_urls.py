"""The merchants' pages beside the admin's own."""

from django.contrib.admin.views.decorators import staff_member_required
from django.urls import path

from catalog import admin_fixes, admin_measures, admin_officer, admin_voice

urlpatterns = [
    path("law/listings/<str:public_id>", admin_officer.show_listing, name="law-listing"),
    path(
        "law/listings/<str:public_id>/papers/<int:paper>", admin_officer.show_paper, name="law-listing-paper"
    ),
    path("catalog/fixes", staff_member_required(admin_fixes.fixes), name="merchant-fixes"),
    path("catalog/fixes/one", staff_member_required(admin_fixes.fix), name="merchant-fix"),
    path("catalog/measures", staff_member_required(admin_measures.measures), name="merchant-measures"),
    path(
        "catalog/measures/<str:measure>",
        staff_member_required(admin_measures.measure),
        name="merchant-measure",
    ),
    path("voice", staff_member_required(admin_voice.voices), name="merchant-voice"),
    path(
        "voice/reviews/<str:public_id>/reply",
        staff_member_required(admin_voice.reply),
        name="merchant-voice-reply",
    ),
    path(
        "voice/questions/<str:public_id>/answer",
        staff_member_required(admin_voice.answer),
        name="merchant-voice-answer",
    ),
    path("moderation", admin_voice.queue, name="moderation"),
    path("moderation/<str:subject>", admin_voice.decide, name="moderation-case"),
]
