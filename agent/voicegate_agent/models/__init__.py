"""Model profiles, and the models that this package ships."""
