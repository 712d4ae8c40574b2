import {
  Component,
  computed,
  DestroyRef,
  type ElementRef,
  inject,
  signal,
  viewChild,
} from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatDialog } from '@angular/material/dialog';
import { MatIcon } from '@angular/material/icon';
import { MatMenu, MatMenuItem, MatMenuTrigger } from '@angular/material/menu';
import { MatToolbar } from '@angular/material/toolbar';
import { Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import type { Permission } from '@diaken/contracts';
import { firstValueFrom } from 'rxjs';
import { ProblemBox } from '../problems/problem-box';
import { type ShownProblem, toShownProblem } from '../problems/shown-problem';
import { CurrentSession } from '../session/current-session';

/** The pages of the top bar, and what it takes to see them. */
const PAGES: readonly { path: string; name: string; needs: Permission }[] = [
  { path: '/runs', name: 'Runs', needs: 'runs:read' },
  { path: '/queue', name: 'Queue', needs: 'queue:read' },
];

/** What every page of a signed-in user has around it: the top bar and the user's menu. */
@Component({
  selector: 'dk-shell',
  imports: [
    MatButton,
    MatIcon,
    MatMenu,
    MatMenuItem,
    MatMenuTrigger,
    MatToolbar,
    ProblemBox,
    RouterLink,
    RouterLinkActive,
    RouterOutlet,
  ],
  templateUrl: './shell.html',
  styleUrl: './shell.scss',
})
export class Shell {
  private readonly session = inject(CurrentSession);
  private readonly router = inject(Router);
  private readonly main = viewChild.required<ElementRef<HTMLElement>>('main');

  protected readonly pages = computed(() => PAGES.filter(({ needs }) => this.session.may(needs)));
  protected readonly username = computed(() => this.session.view()?.username ?? '');
  protected readonly role = computed(() => this.session.view()?.role ?? '');
  protected readonly problem = signal<ShownProblem | undefined>(undefined);

  constructor() {
    // A session that has ended leads away from here; dialogs would stay over the sign-in page.
    const dialog = inject(MatDialog);
    inject(DestroyRef).onDestroy(() => dialog.closeAll());
  }

  protected skipToMain(): void {
    this.main().nativeElement.focus();
  }

  protected async changePassword(): Promise<void> {
    const queryParams = { returnTo: this.router.url };
    await this.router.navigate(['/change-password'], { queryParams });
  }

  protected async signOut(): Promise<void> {
    this.problem.set(undefined);
    try {
      await firstValueFrom(this.session.signOut());
      await this.router.navigateByUrl('/sign-in');
    } catch (error) {
      // Whoever believes to be signed out and is not has to know.
      this.problem.set(toShownProblem(error));
    }
  }
}
