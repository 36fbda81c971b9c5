"""What the catalogue knows without a database: identifiers, slugs, options, prices, words, orders. Pure."""
