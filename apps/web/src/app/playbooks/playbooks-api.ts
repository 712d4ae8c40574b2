import { HttpClient } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import {
  API_PREFIX,
  MAX_PAGE_SIZE,
  PlaybookPage,
  type PlaybookView,
  ROUTES,
} from '@diaken/contracts';
import type { Observable } from 'rxjs';
import { allPages } from '../paging/all-pages';
import { readAnswer } from '../problems/read-answer';

/** A playbook in a list: all but its text. */
export type PlaybookRow = Omit<PlaybookView, 'content'>;

/** The library of playbooks as the API offers it. */
@Injectable({ providedIn: 'root' })
export class PlaybooksApi {
  private readonly http = inject(HttpClient);

  all(): Observable<readonly PlaybookRow[]> {
    return allPages((cursor) =>
      this.http
        .get<unknown>(`${API_PREFIX}/${ROUTES.playbooks}`, {
          params: { limit: MAX_PAGE_SIZE, ...(cursor && { cursor }) },
        })
        .pipe(readAnswer(PlaybookPage)),
    );
  }
}
