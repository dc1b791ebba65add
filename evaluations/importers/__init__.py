"""Results of other people's evaluations, brought to one scale. No database here: a file in, figures or a refusal out."""
