"""Where, what and when to open: the staged facility-location model, arrays in and arrays out.

Knows nothing of Viet Nam, files, geometry or screens.  `instance` says what is solved, `model` builds
the mixed-integer programme, `solve` asks for the best plan and `search` is the only module that knows
solvers, `verify` checks an answer without the model, `diagnose` says why there is none, `score` what
somebody else's plan is worth.
"""
