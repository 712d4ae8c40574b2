import type { PlayEvent } from './play-events';

type PlayStart = Extract<PlayEvent, { e: 'play' }>;
type TaskStart = Extract<PlayEvent, { e: 'task' }>;

/** What fraction of the planned tasks is done: tasks weigh the same, and a batch of hosts (`serial`) its share. */
export class PlayProgress {
  private readonly plan = new Map<string, number>();
  private total = 0;
  /** Planned tasks of the plays before this one. */
  private before = 0;
  private play: PlayStart | undefined;
  /** Hosts of this play's earlier batches. */
  private hostsDone = 0;
  private begun = new Set<string>();
  private highest = 0;

  /** 0 to 1, never less than before. */
  get fraction(): number {
    return this.highest;
  }

  add(event: PlayEvent): void {
    if (event.e === 'run') {
      event.plan.forEach(({ play, tasks }) => this.plan.set(play, tasks ?? 1));
      this.total = [...this.plan.values()].reduce((sum, tasks) => sum + tasks, 0);
    } else if (event.e === 'play') {
      this.beginPlay(event);
    } else if (event.e === 'task') {
      this.beginTask(event);
    } else if (event.e === 'stats') {
      this.highest = 1;
    }
  }

  private beginPlay(next: PlayStart): void {
    if (this.play?.play === next.play) {
      this.hostsDone += this.play.batch.length;
    } else {
      this.before += this.tasksOf(this.play);
      this.hostsDone = 0;
    }
    this.play = next;
    this.begun = new Set();
  }

  private beginTask({ task, planned }: TaskStart): void {
    if (!planned || !this.play) {
      return;
    }
    const tasks = this.tasksOf(this.play);
    const share = Math.min(1, this.begun.size / Math.max(1, tasks));
    const hosts = this.hostsDone + this.play.batch.length * share;
    const done = this.before + tasks * (hosts / Math.max(1, this.play.hosts.length));
    this.highest = Math.max(this.highest, Math.min(1, done / Math.max(1, this.total)));
    this.begun.add(task);
  }

  private tasksOf(play: PlayStart | undefined): number {
    return play ? (this.plan.get(play.play) ?? 0) : 0;
  }
}
