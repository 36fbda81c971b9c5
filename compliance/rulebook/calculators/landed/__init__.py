"""The parts of the landed price: facts read, terms looked up, duty, tax and fees worked out in order.

`intake` reads the facts, `terms` looks the law up, `work` is the sheet everything is written on,
`charges` works out duty, tax and fees, `markets` holds what only some markets do, `result`
writes the answer. The door is `compliance.rulebook.calculators.landed_price`.
"""
