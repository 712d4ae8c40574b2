import { type Document, parseDocument } from 'yaml';
import { invalid, type Refusal } from '../http/refusal';

/** Reads the YAML of an item's text. Throws a refusal that names `content` when it is none. */
export function readYaml(content: string): unknown {
  const document = parseDocument(content, { prettyErrors: true });
  const [error] = document.errors;
  if (error) {
    throw wrongContent(`is not valid YAML: ${error.message.split('\n')[0]}`);
  }
  return read(document);
}

/** The text of an item is not what its kind asks for. */
export function wrongContent(message: string): Refusal {
  return invalid([{ path: 'content', message }]);
}

/** Throws when an alias names nothing, or when aliases unfold to more than memory should hold. */
function read(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Only reading finds these two; the parser reports everything else as an error of the document.
    if (error instanceof ReferenceError) {
      throw wrongContent(`is not valid YAML: ${error.message}`);
    }
    throw error;
  }
}
