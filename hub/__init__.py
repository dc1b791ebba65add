"""Published where: connections, targets, plans, the model card and the one client of the Hub."""
