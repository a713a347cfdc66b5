"""What to set so that a language model can be asked, as a page shows it."""

from __future__ import annotations

from typing import Final

HOW_TO_SET_UP: Final = """WHYMOL_LLM_MODEL=name of the model
WHYMOL_LLM_KEY=your key
WHYMOL_LLM_URL=http://localhost:11434/v1   # any OpenAI-compatible server; without it, OpenAI's own"""
