"""Addresses of the storefront."""

from django.urls import path

from catalog.web import views, voice

urlpatterns = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path("c/<slug:slug>", views.category, name="category"),
    path("p/<str:slug>/<str:public_id>", views.product, name="product"),
    path("p/<str:slug>/<str:public_id>/reviews", voice.reviews, name="reviews"),
    path("p/<str:slug>/<str:public_id>/questions", voice.questions, name="questions"),
    path("questions/confirm/<str:token>", voice.question_confirm, name="question-confirm"),
    path("questions/<str:public_id>/answer", voice.question_answer, name="question-answer"),
    path("said/<str:subject>/report", voice.report, name="content-report"),
    path("said/<str:subject>/photos/<int:pk>", voice.photo, name="review-photo"),
    path("m/<slug:slug>", views.merchant, name="merchant"),
    path("wishes", views.wishes, name="wishes"),
    path("wishes/<str:public_id>", views.toggle_wish, name="wish-toggle"),
    path("media/pictures/<path:path>", views.picture, name="picture"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
]
