"""Addresses of the storefront."""

from django.urls import path

from catalog.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path("c/<slug:slug>", views.category, name="category"),
    path("p/<str:slug>/<str:public_id>", views.product, name="product"),
    path("m/<slug:slug>", views.merchant, name="merchant"),
    path("wishes", views.wishes, name="wishes"),
    path("wishes/<str:public_id>", views.toggle_wish, name="wish-toggle"),
    path("media/pictures/<path:path>", views.picture, name="picture"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
]
