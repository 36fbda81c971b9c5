"""A machine that does after a sale whatever shoppers, sellers, carriers, banks, officers and clocks may do.

`world` has the orders it begins with and looks at all rows at once, `agreements` says what must hold of what is seen,
`steps` and `money_steps` are what people do, `running` puts it together.
"""
