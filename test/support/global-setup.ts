import type { TestProject } from 'vitest/node';
import { registerLab } from './machines';
import type { SharedSystem } from './shared-system';
import { startSystem } from './system';

/** Starts the system that the test files share, with the lab registered; ends it after the last of them. */
export default async function provideSystem(project: TestProject): Promise<() => Promise<void>> {
  const system = await startSystem();
  const needed = await registerLab(system);
  const { url, username, password, certificateSha256, sshPort, pid } = system.lab;
  const shared: SharedSystem = {
    url: system.url,
    folder: system.folder,
    databaseUrl: system.databaseUrl,
    redisUrl: system.redisUrl,
    keyFile: system.keyFile,
    lab: { url, username, password, certificateSha256, sshPort, pid },
    needed,
  };
  project.provide('system', shared);
  return () => system.stop();
}
