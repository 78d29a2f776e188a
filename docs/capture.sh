#!/usr/bin/env bash
# Captures the interactive screen of the local session as text, in a real terminal
# of 120x36: docs/screen.txt is what the README shows. Without arguments a small
# story is played first: sara rings nina, who answers; with reject-when-busy on,
# jack then rings sara. Usage: bash docs/capture.sh [KEY|wait...]
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- b i 'ring nina (acc' Enter wait wait i 'be rung by jack' Enter wait wait wait wait
name="capture-$$"
dir=$(mktemp -d)
trap 'tmux -L "$name" kill-server 2>/dev/null; rm -rf "$dir"' EXIT
go build -o "$dir/streamscope" .
tmux -L "$name" -f /dev/null new-session -d -x 120 -y 36 \
  "env -u TMUX HOME='$dir' XDG_STATE_HOME='$dir' XDG_CONFIG_HOME='$dir' NO_COLOR=1 '$dir/streamscope'"
for _ in $(seq 50); do
  tmux -L "$name" capture-pane -p | grep -q CONNECTED && break
  sleep 0.1
done
for key in "$@"; do
  [ "$key" = wait ] || tmux -L "$name" send-keys "$key"
  sleep 0.8
done
tmux -L "$name" capture-pane -p | sed 's/[[:space:]]*$//' | tee docs/screen.txt
