"""What forwarding a picture costs, beside decoding it and encoding it anew for each viewer."""
