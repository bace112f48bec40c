"""How the models of this repository were made; not part of any package."""
