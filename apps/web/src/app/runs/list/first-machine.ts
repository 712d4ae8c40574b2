import { Component, DOCUMENT, inject } from '@angular/core';
import { API_PREFIX, type DeploymentInput, ROUTES } from '@diaken/contracts';

const EXAMPLE: DeploymentInput = {
  hostname: 'web-01',
  vcenterId: '<id from GET /api/v1/vcenters>',
  template: 'debian-12',
  cluster: 'cluster-01',
  datastore: 'datastore-01',
  cpus: 2,
  memoryMb: 2048,
  network: {
    portGroup: 'VM Network',
    cidr: '10.1.0.0/24',
    address: '10.1.0.20',
    gateway: '10.1.0.1',
  },
  credentialId: '<id from GET /api/v1/credentials>',
};

/** Says how to ask for the first machine, for whom the list of runs is still empty. */
@Component({
  selector: 'dk-first-machine',
  host: { class: 'empty' },
  template: `
    <h2>No runs yet</h2>
    <p class="muted">
      Ask for your first machine with an API token; the run shows up here as soon as it is taken.
    </p>
    <!-- Scrolls sideways, so the keyboard must reach it. -->
    <pre tabindex="0" role="region" aria-label="Example request"><code>{{ command }}</code></pre>
    <p><a href="/api/docs" target="_blank" rel="noopener">All fields in the API docs</a></p>
  `,
  styles: `
    pre {
      max-width: 100%;
      box-sizing: border-box;
      margin: 16px 0;
      padding: 16px;
      overflow: auto;
      border-radius: 12px;
      background: var(--mat-sys-surface-container);
      text-align: start;
    }
  `,
})
export class FirstMachine {
  protected readonly command = [
    `curl -X POST ${inject(DOCUMENT).location.origin}${API_PREFIX}/${ROUTES.deployments} \\`,
    `  -H "Authorization: Bearer $DIAKEN_TOKEN" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${JSON.stringify(EXAMPLE, null, 2).replaceAll('\n', '\n  ')}'`,
  ].join('\n');
}
