import { HttpClient } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import {
  API_PREFIX,
  CancelManyAnswer,
  type CancelRequest,
  type ResumeRequest,
  ROUTES,
  type RunAction,
  RunAccepted,
  runPath,
} from '@diaken/contracts';
import type { Observable } from 'rxjs';
import { readAnswer } from '../../problems/read-answer';

type Machine = CancelRequest['machine'];

/** What can be done to runs. */
@Injectable({ providedIn: 'root' })
export class RunActionsApi {
  private readonly http = inject(HttpClient);

  cancel(id: string, machine: Machine): Observable<RunAccepted> {
    return this.act(id, 'cancel', { machine });
  }

  /** Those of the runs that have ended meanwhile are left alone. */
  cancelMany(ids: readonly string[], machine: Machine): Observable<CancelManyAnswer> {
    return this.http
      .post<unknown>(`${API_PREFIX}/${ROUTES.runs}/cancel`, { ids, machine })
      .pipe(readAnswer(CancelManyAnswer));
  }

  resume(id: string, edits: ResumeRequest): Observable<RunAccepted> {
    return this.act(id, 'resume', edits);
  }

  rollBack(id: string): Observable<RunAccepted> {
    return this.act(id, 'roll-back');
  }

  keep(id: string): Observable<RunAccepted> {
    return this.act(id, 'keep');
  }

  /** Answers the new run; the same one again when the key is the same. */
  relaunch(id: string, idempotencyKey: string): Observable<RunAccepted> {
    return this.act(id, 'relaunch', {}, { 'Idempotency-Key': idempotencyKey });
  }

  private act(
    id: string,
    action: RunAction,
    body: object = {},
    headers: Record<string, string> = {},
  ): Observable<RunAccepted> {
    return this.http
      .post<unknown>(`${runPath(encodeURIComponent(id))}/${action}`, body, { headers })
      .pipe(readAnswer(RunAccepted));
  }
}
