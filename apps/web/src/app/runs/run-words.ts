import type { RunKind, RunStatus, StepStatus } from '@diaken/contracts';
import type { Look } from '../looks/look';

export const RUN_LOOKS: Record<RunStatus, Look> = {
  pending: { word: 'Waiting', icon: 'pending', tone: 'calm' },
  running: { word: 'Running', icon: 'running', tone: 'live' },
  failed: { word: 'Failed', icon: 'failed', tone: 'bad' },
  cancelling: { word: 'Cancelling', icon: 'undone', tone: 'warn' },
  rolling_back: { word: 'Rolling back', icon: 'undone', tone: 'warn' },
  success: { word: 'Success', icon: 'success', tone: 'good' },
  rolled_back: { word: 'Rolled back', icon: 'undone', tone: 'calm' },
  cancelled: { word: 'Cancelled', icon: 'cancelled', tone: 'calm' },
};

export const STEP_LOOKS: Record<StepStatus, Look> = {
  pending: { word: 'Not started', icon: 'todo', tone: 'calm' },
  running: { word: 'Running', icon: 'running', tone: 'live' },
  success: { word: 'Success', icon: 'success', tone: 'good' },
  failed: { word: 'Failed', icon: 'failed', tone: 'bad' },
  skipped: { word: 'Skipped', icon: 'skipped', tone: 'calm' },
  undoing: { word: 'Undoing', icon: 'undone', tone: 'warn' },
  undone: { word: 'Undone', icon: 'undone', tone: 'calm' },
};

export const KIND_WORDS: Record<RunKind, string> = {
  'deploy-vm': 'New machine',
  'sync-inventory': 'Inventory of a vCenter',
  'find-orphans': 'Orphan search',
  'test-vcenter': 'Test of a vCenter',
  preflight: 'Check of a request',
  'check-host': 'Check of hosts',
  'adopt-vm': 'Adopted machine',
  power: 'Power of a machine',
  decommission: 'Removal of a host',
  'check-library-item': 'Check of a playbook or script',
  'sync-project': 'Sync of a Git project',
  'read-host-key': 'Reading of a host key',
};
