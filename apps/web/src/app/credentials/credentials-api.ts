import { HttpClient } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import {
  API_PREFIX,
  CredentialPage,
  type CredentialView,
  MAX_PAGE_SIZE,
  ROUTES,
} from '@diaken/contracts';
import type { Observable } from 'rxjs';
import { allPages } from '../paging/all-pages';
import { readAnswer } from '../problems/read-answer';

/** Credentials as the API offers them, without their secrets. */
@Injectable({ providedIn: 'root' })
export class CredentialsApi {
  private readonly http = inject(HttpClient);

  all(): Observable<readonly CredentialView[]> {
    return allPages((cursor) =>
      this.http
        .get<unknown>(`${API_PREFIX}/${ROUTES.credentials}`, {
          params: { limit: MAX_PAGE_SIZE, ...(cursor && { cursor }) },
        })
        .pipe(readAnswer(CredentialPage)),
    );
  }
}
