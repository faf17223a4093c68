"""Databases of the plant: connected, mapped, read again and again into Gemba's own stores."""
