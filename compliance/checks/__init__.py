"""Watching over the law: findings per jurisdiction, clearances per market, sweeps that keep both fresh.

A subject is a plain reference such as "listing:L-7Q2K9F3M"; its facts come from the app that owns
it, through `registry`. What was found for a listing's merchant is kept once, on "merchant:M-…".
"""
