"""How the micro model is made: texts, synthesized speech, training, export, measurement.

Run `python -m recipes.micro --help`. Needs the project's `recipe` extra, except for
`vocabulary` and `sentences`, which import nothing outside the standard library.
"""
