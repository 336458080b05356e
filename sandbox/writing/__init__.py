"""What the played language models write: templates filled with words from the pages in the prompt."""
