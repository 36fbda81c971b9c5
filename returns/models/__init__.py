"""Tables of what comes after the sale. What was declared and what is owed is frozen; what happens is a state."""

from returns.models.case_letters import CaseLetter
from returns.models.claims import Claim, ClaimFile, ClaimNote, ClaimRemedy, DelayNotice, LateDelivery
from returns.models.exchanges import Exchange, ExchangePolicy
from returns.models.money import OwedRefund, ValueLoss
from returns.models.parcels import (
    OfflineShipment,
    Return,
    ReturnEvent,
    ReturnLine,
    ReturnParcel,
    ReturnUnit,
)
from returns.models.withdrawals import LineTally, Withdrawal, WithdrawalLine

__all__ = [
    "CaseLetter",
    "Claim",
    "ClaimFile",
    "ClaimNote",
    "ClaimRemedy",
    "DelayNotice",
    "Exchange",
    "ExchangePolicy",
    "LateDelivery",
    "LineTally",
    "OfflineShipment",
    "OwedRefund",
    "Return",
    "ReturnEvent",
    "ReturnLine",
    "ReturnParcel",
    "ReturnUnit",
    "ValueLoss",
    "Withdrawal",
    "WithdrawalLine",
]
