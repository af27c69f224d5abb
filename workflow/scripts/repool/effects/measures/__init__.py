"""The closed forms of every effect measure, from summary numbers to yi and vi."""
