# SPDX-License-Identifier: Apache-2.0
"""Compiles the Python files named as arguments, without running or storing them."""

import sys

failed = False
for path in sys.argv[1:]:
    try:
        with open(path, "rb") as file:
            compile(file.read(), path, "exec")
    except SyntaxError as error:
        failed = True
        print(f"{path}:{error.lineno}: {error.msg}")
sys.exit(failed)
