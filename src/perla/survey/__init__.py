"""The market as it is: counts, prices by area and over time, what is odd."""
