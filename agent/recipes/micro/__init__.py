"""How the micro model is made: texts, synthesized speech, training, export, measurement.

Run `python -m recipes.micro --help`. Needs requirements-recipe.lock, except for
`vocabulary` and `sentences`, which import nothing outside the standard library.
"""
