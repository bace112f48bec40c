"""Makes the callers' clips with espeak-ng and flite, and checks that a recognizer understands them."""
