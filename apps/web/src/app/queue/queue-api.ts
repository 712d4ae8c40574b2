import { HttpClient } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import {
  API_PREFIX,
  type LimitChange,
  Maintenance,
  type MaintenanceChange,
  QueueView,
  ROUTES,
  type WorkerChange,
} from '@diaken/contracts';
import type { Observable } from 'rxjs';
import { readAnswer } from '../problems/read-answer';

const QUEUE = `${API_PREFIX}/${ROUTES.queue}`;

/** The queue as the API shows it and lets it be steered. */
@Injectable({ providedIn: 'root' })
export class QueueApi {
  private readonly http = inject(HttpClient);

  read(): Observable<QueueView> {
    return this.http.get<unknown>(QUEUE).pipe(readAnswer(QueueView));
  }

  maintain(change: MaintenanceChange): Observable<Maintenance> {
    return this.http.put<unknown>(`${QUEUE}/maintenance`, change).pipe(readAnswer(Maintenance));
  }

  changeWorker(id: string, change: WorkerChange): Observable<QueueView> {
    const url = `${QUEUE}/workers/${encodeURIComponent(id)}`;
    return this.http.patch<unknown>(url, change).pipe(readAnswer(QueueView));
  }

  setLimit(name: string, change: LimitChange): Observable<QueueView> {
    const url = `${QUEUE}/limits/${encodeURIComponent(name)}`;
    return this.http.put<unknown>(url, change).pipe(readAnswer(QueueView));
  }
}
