import { HttpClient, HttpErrorResponse, HttpHeaders, HttpResponse } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import {
  API_PREFIX,
  LogPage,
  type Page,
  ROUTES,
  RunPage,
  runPath,
  type RunStatus,
  RunStatusView,
  type RunSummary,
  RunView,
} from '@diaken/contracts';
import { catchError, map, type Observable, of, throwError } from 'rxjs';
import { readAnswer } from '../problems/read-answer';

/** Which runs to list. */
export interface RunFilter {
  readonly status?: RunStatus | undefined;
  /** Part of the target. */
  readonly target?: string | undefined;
}

/** Which part of the list: so many, from the start or from where the page before ended. */
export interface PageWish {
  readonly limit: number;
  readonly cursor?: string;
}

/** Runs as the API offers them. */
@Injectable({ providedIn: 'root' })
export class RunsApi {
  private readonly http = inject(HttpClient);

  /** Newest first. */
  list({ status, target }: RunFilter, wish: PageWish): Observable<Page<RunSummary>> {
    const params = { ...wish, ...(status && { status }), ...(target && { target }) };
    return this.http
      .get<unknown>(`${API_PREFIX}/${ROUTES.runs}`, { params })
      .pipe(readAnswer(RunPage));
  }

  find(id: string): Observable<RunView> {
    return this.http.get<unknown>(runPath(encodeURIComponent(id))).pipe(readAnswer(RunView));
  }

  /** Log lines from this line number on. */
  log(id: string, from: number, limit: number): Observable<LogPage> {
    return this.http
      .get<unknown>(runPath(encodeURIComponent(id), 'log'), { params: { from, limit } })
      .pipe(readAnswer(LogPage));
  }

  /**
   * Gives a question about the run's status that can be asked again and again.
   * While nothing changed, the answer is a 304 and the very same object.
   */
  statusQuestion(id: string): () => Observable<RunStatusView> {
    const url = runPath(encodeURIComponent(id), 'status');
    let known: { readonly etag: string; readonly view: RunStatusView } | undefined;

    const remember = (response: HttpResponse<unknown>): RunStatusView => {
      const view = RunStatusView.parse(response.body);
      const etag = response.headers.get('ETag');
      known = etag === null ? undefined : { etag, view };
      return view;
    };
    const unchangedOrThrow = (error: unknown) =>
      known && error instanceof HttpErrorResponse && error.status === 304
        ? of(known.view)
        : throwError(() => error);

    return () => {
      const headers = new HttpHeaders(known && { 'If-None-Match': known.etag });
      return this.http
        .get<unknown>(url, { headers, observe: 'response' })
        .pipe(map(remember), catchError(unchangedOrThrow));
    };
  }
}
