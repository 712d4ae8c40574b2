import type { WorkerView } from '@diaken/contracts';
import type { Look } from '../looks/look';

export const WORKER_LOOKS: Record<WorkerView['state'], Look> = {
  working: { word: 'Working', icon: 'success', tone: 'good' },
  draining: { word: 'Draining', icon: 'pending', tone: 'warn' },
  lost: { word: 'Lost', icon: 'failed', tone: 'bad' },
};
