"""The officer's pages of the law, inside the admin."""

from django.urls import path

from compliance.web import (
    officer,
    officer_measures,
    officer_platform,
    officer_radar,
    officer_simulations,
    officer_suspensions,
    officer_sweeps,
)

urlpatterns = [
    path("measures", officer_measures.measures, name="law-measures"),
    path("measures.json", officer_measures.as_json, name="law-measures-json"),
    path("measures/<str:measure>", officer_measures.measure, name="law-measure"),
    path("measures/<str:measure>/decide", officer_measures.decide, name="law-measure-decide"),
    path("suspensions", officer_suspensions.suspensions, name="law-suspensions"),
    path("suspensions/propose", officer_suspensions.propose, name="law-suspension-propose"),
    path("suspensions/<str:suspension>/decide", officer_suspensions.decide, name="law-suspension-decide"),
    path("radar", officer_radar.radar, name="law-radar"),
    path("radar.csv", officer_radar.as_csv, name="law-radar-csv"),
    path("sweeps", officer_sweeps.sweeps, name="law-sweeps"),
    path("sweeps/ask", officer_sweeps.ask, name="law-sweep-ask"),
    path("platform", officer_platform.platform, name="law-platform"),
    path("rules", officer.rules, name="law-rules"),
    path("rules/new", officer.new_rule, name="law-rule-new"),
    path("rules/<str:rule>", officer.rule, name="law-rule"),
    path("rules/<str:rule>/propose", officer.propose, name="law-rule-propose"),
    path("changes", officer.changes, name="law-changes"),
    path("changes/<str:change>/decide", officer.decide, name="law-change-decide"),
    path("calendar", officer.calendar, name="law-calendar"),
    path("simulations", officer_simulations.simulations, name="law-simulations"),
    path("simulations/<str:simulation>.csv", officer_simulations.as_csv, name="law-simulation-csv"),
    path("simulations/<str:simulation>", officer_simulations.simulation, name="law-simulation"),
    path("simulations/<str:simulation>/act", officer_simulations.act, name="law-simulation-act"),
]
