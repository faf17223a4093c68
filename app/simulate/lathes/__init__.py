"""Lathes that are simulated live: started by people, run in the background, sent through the intake."""
