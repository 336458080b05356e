"""A past for the fictional brand: a market whose true effects are known, so that what is measured can be held against them."""
