"""Ends what a stopped run left on the hosts that it is still connected to.

The run's control masters still hold their connections, so a script goes over each of them and looks for what came that
way before. Part of supervise.py; only the standard library of Python 3.9.
"""
import os
import subprocess
import time

# Seconds that the hosts together get: what is cancelled must have ended within ten, also when a host says nothing.
SWEEP_SECONDS = 7

# Runs on a managed host over the run's own SSH connection, as root where the user may become it. What belongs to the run:
#   - everything below the connection's sshd process, which is the parent of this script, and the sessions of those: that
#     is what runs now, also what has put itself into the background
#   - what carries this very connection in its environment: what an earlier task left in the background. A connection is
#     named by two addresses and ports, which may come back, so the process must be younger than the connection
#   - what carries the run's own folder of asynchronous jobs, also when sudo has cleared the rest of its environment
# Reads two lines: the become password or nothing, and the folder of jobs or nothing. The folder of jobs
# goes with them. Prints how many processes would not go.
SWEEP = r"""
read -r WORD
read -r JOBS
as_root() {
  if [ -n "$WORD" ]; then printf '%s\n' "$WORD" | sudo -S -p '' "$@"; else sudo -n "$@"; fi 2>/dev/null
}
if [ "$(id -u)" != 0 ] && [ "$(as_root echo yes)" = yes ]; then
  as() { as_root "$@"; }
else
  as() { "$@" 2>/dev/null; }
fi
carrying() {
  [ -n "$2" ] && as grep -lsF -e "$2" /proc/[0-9]*/environ | sed "s/^/$1 /"
}
ours() {
  {
    carrying connection "${SSH_CONNECTION:+SSH_CONNECTION=$SSH_CONNECTION}"
    carrying job "${JOBS:+ANSIBLE_ASYNC_DIR=$JOBS}"
    as cat /proc/[0-9]*/stat
  } | awk -v root=$PPID -v me=$$ '
    $1 == "connection" { split($2, part, "/"); connected[part[3]]; next }
    $1 == "job" { split($2, part, "/"); working[part[3]]; next }
    { pid = $1; sub(/^.*\) /, ""); up[pid] = $2; session[pid] = $4; began[pid] = $20 + 0 }
    END {
      for (pid in up) {
        steps = 0; is_ours = 0
        for (at = pid; (at in up) && at != root && at != me && steps++ < 64; at = up[at])
          if (at in working || (at in connected && began[at] >= began[root])) is_ours = 1
        if (at == me) mine[pid]
        else if (pid != root && (at == root || is_ours)) found[pid]
      }
      for (pid in up)
        if (pid in found || (session[pid] in found && !(pid in mine))) print pid
    }'
}
gone() {
  for p in $T; do [ -d /proc/$p ] && return 1; done
  return 0
}
for S in TERM KILL; do
  T=$(ours)
  [ -n "$T" ] || break
  as kill -s $S $T
  if [ $S = TERM ]; then
    for i in 1 2 3 4 5 6 7 8 9 10; do
      gone && break
      sleep 0.2
    done
  fi
done
case $JOBS in
  '~/.ansible_async/dk-'*) as rm -rf "$HOME/.ansible_async/${JOBS##*/}" ~root/.ansible_async/"${JOBS##*/}" ;;
esac
ours | wc -l
"""


def sweep(sockets, password, jobs, environment):
    """Sweeps over every control master below a folder. {socket: processes left, None: unknown}"""
    folder = os.path.join(sockets, 'cp')
    if not os.path.isdir(folder):
        return {}
    sweeps = {name: start_sweep(os.path.join(folder, name), environment) for name in os.listdir(folder)}
    for process in sweeps.values():
        try:
            process.stdin.write(('%s\n%s\n' % (password, jobs)).encode())
            process.stdin.close()
        except OSError:  # the connection is gone
            pass
    latest = time.monotonic() + SWEEP_SECONDS
    return {name: end_sweep(process, latest) for name, process in sweeps.items()}


def start_sweep(control, environment):
    command = ['ssh', '-F', '/dev/null']
    for option in ('ControlPath="%s"' % control, 'ControlMaster=no', 'BatchMode=yes', 'ProxyCommand=false'):
        command += ['-o', option]
    return subprocess.Popen(
        command + ['host', SWEEP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


def end_sweep(process, latest):
    try:
        code = process.wait(max(0.1, latest - time.monotonic()))
        return int(process.stdout.read()) if code == 0 else None
    except (subprocess.TimeoutExpired, ValueError):
        process.kill()
        return None
