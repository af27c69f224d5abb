#!/usr/bin/env python3
"""Run repool: python3 run.py [COMMAND] [--review PATH] [--cores N] [-- MORE].

Commands
  run        pool the review and write its report (done when no command is given)
  test       run every test
  reproduce  rebuild the committed results from nothing and compare them
  bench      measure how long the pipeline takes
  new        start an empty review in the folder given with --review
  check      check the data of a review without pooling it
  explain    print the way of one effect, from its cells to its weight: explain RESULT_ID
  docs       make the reference pages in docs/ anew, after an edit of what they are made from
  lint       check the layout and style of the code
  lock       choose the versions of all packages anew, after an edit in pyproject.toml

A review is the folder given with --review; without it, the one this file stands in.
What follows -- is handed on: to Snakemake, or to pytest.

The first start puts the packages of requirements.lock, each checked against its hash,
into the folder .venv. Later starts see that nothing changed and go straight to work.
  REPOOL_PYTHON=PATH   use this Python instead, if it has exactly the packages of the lock
  REPOOL_NO_UV=1       set up with venv and pip alone, without uv
"""

# Every Python from 3.6 on must be able to read this file, if only to say that it is too old.

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
WORKFLOW = os.path.join(ROOT, "workflow")

#: Command -> module in workflow/commands that does the work.
COMMANDS = {
    "run": "review",
    "test": "tests",
    "reproduce": "reproduce",
    "bench": "bench",
    "new": "new",
    "check": "check",
    "explain": "explain",
    "docs": "docs",
    "lint": "lint",
    "lock": "lock",
}

#: What the work sees of the machine: the same bytes on any number of cores, in any language.
FIXED_SETTINGS = {
    "LC_ALL": "C.UTF-8",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": "315532800",
}

#: Starts a command's module; Ctrl-C ends it with the usual exit code and without a traceback.
LAUNCHER = """
import runpy, sys
del sys.argv[0]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except KeyboardInterrupt:
    sys.exit(130)
"""


def say(message):
    """Tell the user something without mixing it into the output of a command."""
    sys.stderr.write(f"repool: {message}\n")
    sys.stderr.flush()


def unknown(word):
    """Return the answer to a word that is no command."""
    import difflib

    near = difflib.get_close_matches(word, COMMANDS, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return "there is no command {}.{}\nCommands: {}".format(word, hint, ", ".join(COMMANDS))


def absolute_review(arguments):
    """Return the arguments with the path after --review made absolute.

    The work is done in the repository's folder, whatever folder the user stands in.
    """
    done, rest = [], list(arguments)
    while rest and rest[0] != "--":
        word = rest.pop(0)
        if word == "--review" and rest:
            done += [word, os.path.abspath(rest.pop(0))]
        elif word.startswith("--review="):
            done += ["--review", os.path.abspath(word[len("--review=") :])]
        else:
            done.append(word)
    return done + rest


def settings_for(python):
    """Return the environment variables that the work is done with."""
    # Bytecode that is not kept is compiled again by every single job.
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONSTARTUP")
    settings = {name: value for name, value in os.environ.items() if name not in dropped}
    settings.update(FIXED_SETTINGS)
    settings["PYTHONPATH"] = os.pathsep.join([os.path.join(WORKFLOW, "scripts"), WORKFLOW])
    settings["PATH"] = os.path.dirname(python) + os.pathsep + settings.get("PATH", os.defpath)
    return settings


def start(python, command, arguments):
    """Hand over to the command's module and return its exit code, if it comes back here."""
    module = os.path.join(WORKFLOW, "commands", COMMANDS[command] + ".py")
    words = [python, "-P", "-c", LAUNCHER, module] + absolute_review(arguments)
    settings = settings_for(python)
    os.chdir(ROOT)
    if os.name == "nt":
        # On Windows, exec returns to the prompt before the work is done.
        return subprocess.call(words, env=settings)
    return os.execve(python, words, settings)


def main(words):
    """Do what the words of the command line ask for; return the exit code."""
    if sys.version_info < (3, 8):
        say("this is Python {}.{}; start run.py with 3.8 or later.".format(*sys.version_info))
        return 2
    if words and words[0] in ("help", "-h", "--help"):
        print(__doc__.strip())
        return 0
    named = bool(words) and not words[0].startswith("-")
    command, arguments = (words[0], words[1:]) if named else ("run", words)
    if command not in COMMANDS:
        say(unknown(command))
        return 2
    sys.path.insert(0, WORKFLOW)
    import onramp

    try:
        return start(onramp.ready_python(ROOT, say), command, arguments)
    except onramp.SetupError as error:
        say(error)
    except OSError as error:
        say(f"the environment in .venv cannot be made or used: {error}")
    except KeyboardInterrupt:
        return 130
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
