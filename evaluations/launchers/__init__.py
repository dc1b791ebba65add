"""Engines that run evaluations, behind one protocol. The portal decides whether, the engine decides where and when."""
