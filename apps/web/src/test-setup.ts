import { vi } from 'vitest';

// The first page that is drawn compiles its templates, which takes long on a busy machine.
vi.setConfig({ testTimeout: 30_000 });
