"""Consents are asked for where the law would change by them, and nowhere else."""

from __future__ import annotations

from datetime import date

from orders.domain.consents import ConsentNeeded, consent_needed

ON = date(2026, 11, 23)


def test_ordinary_goods_need_none() -> None:
    assert consent_needed("V-1", (), market="DE", on=ON) is None


def test_what_is_excluded_anyway_needs_none() -> None:
    assert consent_needed("V-1", ("made_to_specification",), market="DE", on=ON) is None


def test_a_seal_alone_takes_nothing_away_in_the_union() -> None:
    assert consent_needed("V-1", ("sealed_hygiene",), market="DE", on=ON) is None


def test_china_asks_for_a_confirmation_of_the_single_purchase() -> None:
    needed = consent_needed("V-1", ("sealed_hygiene",), market="CN", on=ON)
    assert needed == ConsentNeeded("V-1", "exclusion", "cn.withdrawal.exception.sealed_hygiene")


def test_downloads_need_consent_and_acknowledgement_in_the_union() -> None:
    needed = consent_needed("V-1", ("digital_started",), market="DE", on=ON, contract_type="digital_content")
    assert needed == ConsentNeeded("V-1", "digital_start", "eu.withdrawal.exception.digital_started")
