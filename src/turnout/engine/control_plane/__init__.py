"""What a flow asks of the control plane: other runs, people, inputs, events, values."""
