"""From asking prices, expected prices and oddness to ranked bargains with reasons and comparables."""
