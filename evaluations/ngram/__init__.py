"""An n-gram baseline behind an OpenAI-style endpoint.

It counts bytes, it understands nothing, and it says so in its name. It exists so that a whole evaluation
run can be walked without a GPU, with log-likelihoods that are true, and so that every score has a floor to
be compared with. Standard library only.
"""
