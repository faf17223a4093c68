"""Edit the calendar: shifts, days off and extra days, crews, targets."""
