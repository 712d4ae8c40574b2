"""An Ansible callback that tells a supervising process what a run does, as JSON lines through a pipe.

Standard output stays with Ansible's own human-readable callback. The supervisor stores the events, so that a full disk
is its concern. Works unchanged on ansible-core 2.14 and newer, whose result objects differ.

    ANSIBLE_CALLBACK_PLUGINS=<this folder>
    ANSIBLE_CALLBACKS_ENABLED=run_events
    RUN_EVENTS_FD=<number of the open pipe>

Every line is an object with "n" (1, 2, 3, …), "t" (milliseconds since 1970) and "e", the event:

    run       plan of the plays with their number of tasks, so that a fraction of the work can be told
    play      a play (or a batch of its hosts) begins: hosts, batch
    task      a task begins: name, whether the plan counted it
    host      a task ended on a host: status, ms; the reason when it failed
    item      an item of a loop failed on a host: the reason
    no_hosts  a play found no host
    stats     what Ansible counted per host; always the last

Results hold what somebody might keep secret, so of a success nothing but its status is written, and of a failure only
the texts in REASONS, cut to a length. What is marked no_log is never written.
"""
from __future__ import annotations

import json
import os
import time

from ansible import context
from ansible.plugins.callback import CallbackBase
from ansible.release import __version__

DOCUMENTATION = '''
    name: run_events
    type: notification
    short_description: JSON lines for a supervising process
    description:
      - Writes what a run does to the pipe that RUN_EVENTS_FD numbers.
    requirements:
      - enable in configuration
'''

# What a failed result may tell. Never "invocation" or "cmd": arguments hold secrets.
REASONS = ('msg', 'stdout', 'stderr', 'module_stdout', 'module_stderr', 'rc', 'reason')

# Longest text that is kept, characters: half from its beginning, half from its end.
LONGEST = 8192

GATHERING = ('gather_facts', 'ansible.builtin.gather_facts', 'ansible.legacy.gather_facts')
META = ('meta', 'ansible.builtin.meta', 'ansible.legacy.meta')


def cut(value):
    """A text of at most LONGEST characters; numbers as they are."""
    if isinstance(value, (int, float)) or value is None:
        return value
    text = value if isinstance(value, str) else str(value)
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return '%s\n… %d characters left out …\n%s' % (text[:half], len(text) - 2 * half, text[-half:])


def parts_of(result):
    """Host, task and the dictionary of a result, of ansible-core up to 2.18 and after it."""
    if hasattr(type(result), 'result'):
        return result.host, result.task, result.result
    return result._host, result._task, result._result


def is_censored(fields):
    return bool(fields.get('_ansible_no_log')) or 'censored' in fields


def reasons_of(fields):
    return {name: cut(fields[name]) for name in REASONS if fields.get(name) not in (None, '')}


class CallbackModule(CallbackBase):
    """Writes the events."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'notification'
    CALLBACK_NAME = 'run_events'
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._pipe = None
        self._number = 0
        self._planned = set()  # ids of the tasks that the plan counted
        self._begun = {}  # (task id, host name) -> monotonic seconds
        number = os.environ.pop('RUN_EVENTS_FD', None)  # not for an Ansible that a task starts
        if number:
            self._pipe = int(number)
            os.set_inheritable(self._pipe, False)
        else:
            self.disabled = True

    def _emit(self, event, **facts):
        if self._pipe is None:
            return
        self._number += 1
        record = {'n': self._number, 't': int(time.time() * 1000), 'e': event}
        record.update(facts)
        text = json.dumps(record, default=str, ensure_ascii=False, separators=(',', ':')) + '\n'
        rest = memoryview(text.encode('utf-8', 'backslashreplace'))
        try:
            while rest:
                rest = rest[os.write(self._pipe, rest):]
        except OSError:  # the supervisor was killed, and this process is about to end with it
            self._pipe = None

    # The plan

    def v2_playbook_on_start(self, playbook):
        plan = [{'play': play._uuid, 'tasks': self._tasks_of(play)} for play in playbook.get_plays()]
        self._emit('run', v=1, ansible=__version__, plan=plan)

    def _tasks_of(self, play):
        """How many tasks a play will run at most, as far as its text tells; None when it cannot be told."""
        try:
            count = sum(self._count(block) for block in play.compile())
        except Exception:  # a play that does not compile is reported by Ansible itself
            return None
        return count if play.gather_facts is False else count + 1

    def _count(self, block):
        """Tasks of a block, its blocks and its roles. An include counts as one, a rescue as none."""
        count = 0
        for task in block.block + block.always:
            if hasattr(task, 'block'):
                count += self._count(task)
            elif task.action not in META and self._is_selected(task):
                self._planned.add(task._uuid)
                count += 1
        return count

    @staticmethod
    def _is_selected(task):
        """Whether --tags and --skip-tags let the task run."""
        only = context.CLIARGS.get('tags') or ()
        skipped = context.CLIARGS.get('skip_tags') or ()
        try:
            return task.evaluate_tags(only, skipped, {})
        except Exception:  # tags may be templates of variables that are not known yet
            return True

    # What goes on

    def v2_playbook_on_play_start(self, play):
        try:
            known = play.get_variable_manager().get_vars(play=play, include_hostvars=False)
        except Exception:  # an undefined variable in the play: Ansible says so next
            known = {}
        self._emit(
            'play',
            play=play._uuid,
            name=cut(play.get_name()),
            hosts=list(known.get('ansible_play_hosts_all', [])),
            batch=list(known.get('ansible_play_batch', [])),
        )

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._task(task)

    def v2_playbook_on_handler_task_start(self, task):
        self._task(task)

    def _task(self, task):
        planned = task._uuid in self._planned or task.action in GATHERING
        self._emit('task', task=task._uuid, name=cut(task.get_name()), planned=planned)

    def v2_runner_on_start(self, host, task):
        self._begun[(task._uuid, host.name)] = time.monotonic()

    def v2_runner_on_ok(self, result):
        self._host(result, 'changed' if result.is_changed() else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._host(result, 'ignored' if ignore_errors else 'failed')

    def v2_runner_on_skipped(self, result):
        self._host(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        task = parts_of(result)[1]
        self._host(result, 'ignored' if task.ignore_unreachable else 'unreachable')

    def v2_runner_item_on_failed(self, result):
        host, task, fields = parts_of(result)
        if is_censored(fields):
            self._emit('item', task=task._uuid, host=host.name, no_log=True)
        else:
            label = cut(str(self._get_item_label(fields)))
            self._emit('item', task=task._uuid, host=host.name, item=label, why=reasons_of(fields))

    def _host(self, result, status):
        host, task, fields = parts_of(result)
        begun = self._begun.pop((task._uuid, host.name), None)
        facts = {'task': task._uuid, 'name': cut(task.get_name()), 'host': host.name, 'status': status}
        if begun is not None:
            facts['ms'] = int((time.monotonic() - begun) * 1000)
        if is_censored(fields):
            facts['no_log'] = True
        elif status in ('failed', 'unreachable', 'ignored'):
            facts['why'] = reasons_of(fields)
        self._emit('host', **facts)

    def v2_playbook_on_no_hosts_matched(self):
        self._emit('no_hosts')

    def v2_playbook_on_stats(self, stats):
        self._emit('stats', hosts={host: stats.summarize(host) for host in sorted(stats.processed)})
