"""The plant's calendar, written: shifts, crews, special days, holidays."""
