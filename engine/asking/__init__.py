"""Asks for what is missing: from refusals to the letters that would bring it; sends nothing and knows no addresses."""
