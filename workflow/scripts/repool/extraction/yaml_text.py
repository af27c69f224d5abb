"""Reading a YAML file strictly: no key twice, and the line of every key."""

from __future__ import annotations

from typing import Any

from repool.problems import Problem, fault


def load_yaml(content: bytes, *, file: str) -> tuple[Any, list[Problem]]:
    """Return the content of a YAML file, or a fault that names the line.

    Parameters
    ----------
    content : bytes
        The file's bytes.
    file : str
        Its name, for messages.

    Returns
    -------
    value : object
        The content; None if it cannot be read.
    problems : list of Problem
        At most one.
    """
    import yaml

    try:
        return yaml.load(content.decode("utf-8-sig"), Loader=_unique_key_loader()), []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        return None, [
            fault(
                "S01",
                f"this is not readable as YAML: {what}",
                file=file,
                line=None if mark is None else mark.line + 1,
                expected="YAML text in UTF-8",
                to_fix="Compare the indentation and quotes with docs/configuration.md.",
            )
        ]


def _unique_key_loader() -> type:
    """Return a safe YAML loader that refuses a key twice (PyYAML keeps the last one)."""
    import yaml

    class UniqueKeyLoader(yaml.SafeLoader):
        """Safe loader without duplicate keys."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict:
            """Return the mapping, or raise where a key stands twice."""
            seen: list[Any] = []
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if key in seen:
                    raise yaml.constructor.ConstructorError(None, None, f'"{key}" stands twice', key_node.start_mark)
                seen.append(key)
            return super().construct_mapping(node, deep)

    return UniqueKeyLoader


def key_lines(content: bytes) -> dict[str, int]:
    """Return the line of every key of a readable YAML file.

    Parameters
    ----------
    content : bytes
        The file's bytes.

    Returns
    -------
    dict
        Path of the key, such as "pooling.level", or "ladder.0" for the first item of a list ->
        line, from 1.
    """
    import yaml

    lines: dict[str, int] = {}

    def walk(node: Any, path: str) -> None:
        if isinstance(node, yaml.MappingNode):
            children = [(key.value, key, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            children = [(str(number), item, item) for number, item in enumerate(node.value)]
        else:
            return
        for name, key, value in children:
            where = f"{path}.{name}" if path else name
            lines[where] = key.start_mark.line + 1
            walk(value, where)

    walk(yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader), "")
    return lines
