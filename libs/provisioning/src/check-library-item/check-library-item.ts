import { defineStep, pipeline } from '@diaken/pipeline';
import type { VersionRef } from '../ports/library-checks';
import type { SyntaxVerdict } from '../ports/syntax-checker';
import type { ProvisioningTools } from '../tools';

/** Has the syntax of a version checked, and keeps the verdict; carries out nothing of what the text says. */
const checkSyntax = ({ libraryChecks, syntax }: ProvisioningTools) =>
  defineStep<VersionRef, Partial<SyntaxVerdict>>({
    name: 'check-syntax',
    title: 'Check the syntax',
    timeoutMs: 2 * 60_000,
    retry: { attempts: 4, delayMs: 2_000, backoff: 2 },
    run: async (version, at) => {
      const text = await libraryChecks.find(version);
      if (!text) {
        at.log('It is not in the library any more.');
        return {};
      }
      const found = await syntax.check(text, at.signal);
      await libraryChecks.store(version, found);
      at.log(`Version ${version.number}: ${inWords(found)}`);
      return found;
    },
  });

/** Says whether a version of something in the library may be used. */
export const checkLibraryItem = (tools: ProvisioningTools) =>
  pipeline<VersionRef>('check-library-item').step(checkSyntax(tools)).build();

function inWords({ verdict, message, line }: SyntaxVerdict): string {
  const where = line === null ? '' : ` in line ${line}`;
  switch (verdict) {
    case 'ok':
      return 'nothing is wrong with its syntax.';
    case 'unchecked':
      return `not checked. ${message}`;
    case 'refused':
      return `refused${where}. ${message}`;
  }
}
