"""What leaves the house: mails and messages, from notice to delivery."""
