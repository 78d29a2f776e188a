#!/usr/bin/env bash
# Makes every picture of the manual: the real program in a real terminal of 120x36,
# driven by keys, captured, and turned into SVG, dark and light. The session is also
# kept as text (docs/screen.txt), which the README shows. Needs Go and tmux.
# Usage: bash docs/pictures.sh [NAME ...]   (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."
name="pictures-$$" # of the terminal; each picture gets a new one
opened=0
dir=$(mktemp -d)
trap 'tmux -L "$name" kill-server 2>/dev/null; rm -rf "$dir"' EXIT
go build -o "$dir/streamscope" .
go build -o "$dir/picture" ./internal/picture
cat >"$dir/tmux.conf" <<'CONF'
set -g default-terminal tmux-256color
set -ga terminal-overrides ",*:RGB"
set -g status off
set -s escape-time 10
CONF

on_screen() { tmux -L "$name" capture-pane -p | grep -q -- "$1"; }

# open THEME ARGUMENTS... starts the program and waits until it has drawn.
open() {
  local theme=$1
  shift
  tmux -L "$name" kill-server 2>/dev/null || true
  opened=$((opened + 1))
  name="pictures-$$-$opened"
  tmux -L "$name" -f "$dir/tmux.conf" new-session -d -x 120 -y 36 \
    "env -u TMUX -u NO_COLOR TERM=xterm-256color COLORTERM=truecolor STREAMSCOPE_UI_TOUR=false HOME='$dir' XDG_STATE_HOME='$dir/state' XDG_CONFIG_HOME='$dir' XDG_DATA_HOME='$dir' '$dir/streamscope' $* --theme $theme"
  for _ in $(seq 100); do
    on_screen "${READY:-CONNECTED}" && return
    sleep 0.1
  done
  echo "$*: the screen never showed ${READY:-CONNECTED}" >&2
  return 1
}

# press KEY... sends keys with a moment between them; wait is a pause.
press() {
  local key
  for key in "$@"; do
    [ "$key" = wait ] || tmux -L "$name" send-keys "$key"
    sleep 0.7
  done
}

# keep NAME THEME TITLE writes what is on the screen.
keep() {
  tmux -L "$name" capture-pane -e -p | "$dir/picture" -theme "$2" -title "$3" >"docs/pictures/$1-$2.svg"
  echo "docs/pictures/$1-$2.svg"
}

session() {
  open "$1"
  press b i 'ring nina (acc' Enter wait wait i 'be rung by jack' Enter wait wait wait wait wait wait wait wait wait
  keep session "$1" 'An interactive session: the connection, the token, a call, and a second ring rejected as busy'
  [ "$1" = light ] || tmux -L "$name" capture-pane -p | sed 's/[[:space:]]*$//' >docs/screen.txt
}
faults() {
  open "$1"
  press x
  keep faults "$1" 'The fault menu: what can be broken, and what the official client is known to do about it'
}
trap_k1() {
  open "$1"
  press x 'Close with a code · 1000' Enter wait wait wait
  keep trap "$1" 'The server closed with 1000 and the official client still believes it is online: trap K1, counting down'
}
autopsy() {
  READY=BACKOFF open "$1" --api-key demo --user-id sara --base-url http://127.0.0.1:9/video \
    --token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.c2lnbmF0dXJl
  press wait wait A wait
  keep autopsy "$1" 'The autopsy of a refused connection: every attempt, every stage, the cause, the fix, and what the app sees'
}
bench() {
  open "$1"
  press t wait
  keep bench "$1" 'The token bench: claims, findings and a verdict, with the countdown'
}
help() {
  open "$1"
  press '?'
  keep help "$1" 'The help: every key that is in force, and enter runs it'
}

busy() {
  open "$1"
  press b i 'ring nina (acc' Enter wait wait i 'be rung by jack' Enter wait M-3 z wait wait wait wait wait wait
  keep busy "$1" 'The busy panel with the whole screen: the rule, the calls that it counts, what was decided, and what happened when'
}
replay() {
  [ -f "$dir/server-deploy.ndjson" ] ||
    "$dir/streamscope" scenario server-deploy --virtual-time --record "$dir/server-deploy.ndjson" >/dev/null
  READY=paused open "$1" replay "$dir/server-deploy.ndjson"
  press g e e wait
  keep replay "$1" 'A recording: the panes and the log as they were at the row under the cursor, with the failure of that moment explained'
}

mkdir -p docs/pictures
[ $# -gt 0 ] || set -- session busy trap_k1 faults autopsy bench replay help
for picture in "$@"; do
  for theme in dark light; do "$picture" "$theme"; done
done
