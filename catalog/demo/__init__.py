"""The demo range: merchants, products and pictures that this project wrote and drew itself.

Plain data files and the code that draws their pictures; see README.md. Nothing here is imported
by the shop's own code but the loader.
"""
