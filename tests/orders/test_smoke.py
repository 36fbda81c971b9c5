import pytest
from tests.orders import factories as make
from orders.models import *

pytestmark = pytest.mark.django_db(transaction=True)


def test_buy():
    make.load_rates()
    fr, cn = make.make_merchant("FR"), make.make_merchant("CN", "CNY", prices_include_tax=False)
    c = make.make_checkout([(make.make_variant(fr), 2), (make.make_variant(cn, price=10000), 3)])
    import json

    q = {k: v for k, v in c.quote.items() if k != "consignments"}
    print(q)
    for p in c.quote["consignments"]:
        print({k: v for k, v in p.items() if k != "landed"})
        print(p["landed"]["explain"])
    o = make.pay(c)
    print(o.kind, o.payment.state, list(Order.objects.values_list("number", "state", "total_minor")))
    assert o.kind == "placed"
    assert 0
