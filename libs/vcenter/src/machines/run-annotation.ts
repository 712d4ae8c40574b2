const WORDS = 'Created by Diaken, run';
const NAMED = new RegExp(`${WORDS} ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\b`, 'i');

/** What people read at a machine in vCenter: which run made it. */
export function annotationOf(runId: string): string {
  return `${WORDS} ${runId}`;
}

/** The run that an annotation says the machine was created by; people may have added words of their own. */
export function runNamedBy(annotation: string): string | undefined {
  return NAMED.exec(annotation)?.[1]?.toLowerCase();
}
