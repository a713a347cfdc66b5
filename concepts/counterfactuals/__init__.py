"""The smallest changes that flip a verdict, and the rules that many such changes make."""
