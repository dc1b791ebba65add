"""What a model must answer to known text, and how far an endpoint may be from it."""
