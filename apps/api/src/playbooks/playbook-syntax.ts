import { type Document, parseDocument } from 'yaml';
import { invalid } from '../http/refusal';

/** Throws unless the text is YAML that holds a list of plays. What is inside them, Ansible checks. */
export function refuseUnlessPlays(content: string): void {
  const document = parseDocument(content, { prettyErrors: true });
  const [error] = document.errors;
  if (error) {
    throw invalid([
      { path: 'content', message: `is not valid YAML: ${error.message.split('\n')[0]}` },
    ]);
  }
  const plays = read(document);
  const isList = Array.isArray(plays) && plays.length > 0;
  if (
    !isList ||
    !plays.every((play) => typeof play === 'object' && play !== null && !Array.isArray(play))
  ) {
    throw invalid([
      { path: 'content', message: 'must be a playbook: a YAML list of plays, each with its hosts' },
    ]);
  }
}

/** Throws when an alias names nothing, or when aliases unfold to more than memory should hold. */
function read(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Only reading finds these two; the parser reports everything else as an error of the document.
    if (error instanceof ReferenceError) {
      throw invalid([{ path: 'content', message: `is not valid YAML: ${error.message}` }]);
    }
    throw error;
  }
}
