"""The ways that a message leaves the house: mail, Twilio, web addresses, Apprise."""
