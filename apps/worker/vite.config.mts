import { cpSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { nodeApp } from '../../libs/vite.node.mts';

const root = resolve(import.meta.dirname, '../..');

/** The adapter's Python and playbooks are not bundled: they are copied beside the program. */
const ansibleAssets: Plugin = {
  name: 'ansible-assets',
  closeBundle() {
    for (const folder of ['python', 'playbooks']) {
      cpSync(
        resolve(root, 'libs/ansible', folder),
        resolve(root, 'dist/apps/worker/ansible', folder),
        {
          recursive: true,
          filter: (path) => !path.includes('__pycache__'),
        },
      );
    }
  },
};

export default defineConfig({ ...nodeApp('worker'), plugins: [ansibleAssets] });
