"""Civil time in Denmark: dates, working days, windows and how they are written in Danish."""
