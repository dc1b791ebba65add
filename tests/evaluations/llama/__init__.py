"""A random tiny Llama, its HTTP server and the environment with torch that both need; run by another interpreter."""
