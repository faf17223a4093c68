"""When a factory works: shifts and production days, rotating crews, special days."""
