"""The networks: one small module for each kind of autoencoder, a shared encoder and decoder."""
