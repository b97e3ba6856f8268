"""The programmes as data, and the catalogue that reads and pins them."""
