"""Runs the commands of a guide in one bash, as somebody who pastes them; compares what each prints with what it says."""

import re
import subprocess
import sys
import tempfile

guide, address, token = sys.argv[1:]
blocks = re.findall(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", open(guide).read(), re.DOTALL | re.MULTILINE)
mark = "--- the next ---"
script = f"\necho '{mark}'\n".join(commands for commands, _ in blocks)
with tempfile.TemporaryDirectory() as folder:
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, text=True, capture_output=True, timeout=300,
        env={"PATH": "/usr/bin:/bin", "token": token, "invoicing": address})
printed = run.stdout.split(mark + "\n")
wrong = [f"{commands}\nprinted {said!r}\nand not {expected!r}" for (commands, expected), said in zip(blocks, printed)
         if said.strip() != expected.strip()]
if run.returncode:
    wrong.append(f"{blocks[len(printed) - 1][0]}\nended with {run.returncode}: {run.stderr}")
print("\n".join(wrong) or f"{len(blocks)} commands did as the guide says")
sys.exit(1 if wrong or len(printed) != len(blocks) else 0)
