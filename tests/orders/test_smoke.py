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


def test_paper(tmp_path, settings):
    from orders.documents import contract_pdf
    from marketplace.kernel import outbox
    from django.core import mail

    make.load_rates()
    fr = make.make_merchant("FR", vat_id="FR123")
    c = make.make_checkout(
        [
            (
                make.make_variant(
                    fr,
                    disclosures={
                        "material": {"en": "Cotton", "de": "Baumwolle"},
                        "net_quantity": {"value": "250", "unit": "g"},
                    },
                ),
                2,
            )
        ]
    )
    o = make.pay(c)
    outbox.relay(now=None)
    from marketplace.kernel.models import Delivery

    print(list(Delivery.objects.values_list("subscriber", "state", "last_error")))
    m = mail.outbox[0]
    print(m.body)
    open("/tmp/h_fonts/contract.pdf", "wb").write(m.attachments[0][1])
    for l in ("zh-hans", "en"):
        s = o.group.orders.get().snapshot
        s.content["order"]["language"] = l
        s.content["lines"][0]["title"] = "高山绿茶 Grüner Tee"
        open(f"/tmp/h_fonts/contract_{l}.pdf", "wb").write(contract_pdf(s.content, s.digest))
