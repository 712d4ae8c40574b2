import type { VimConnection } from '../session/vim-connection';
import type { NeededFields } from '../soap/response-parser';
import { VimFault } from '../soap/vim-fault';
import {
  MoRef,
  moRefOf,
  objectOf,
  objectsOf,
  textOf,
  type VimObject,
  type VimValue,
} from '../soap/vim-value';

/** Objects in one answer at most, so that none takes long to make or to read. */
const PAGE = 1_000;

/** Properties by their path, for example `runtime.powerState`. */
export type Properties = Readonly<Record<string, VimValue | undefined>>;

/** An object and what could be read of it. */
export interface ObjectProperties {
  readonly object: MoRef;
  readonly properties: Properties;
  /** Why other properties could not be read, by path. */
  readonly refused: ReadonlyMap<string, VimFault>;
}

/** Which properties of the objects of one type to read. */
export interface PropertySet {
  readonly type: string;
  readonly paths: readonly string[];
}

/** From which objects to start, and where to go from there (`TraversalSpec`s). */
export interface Start {
  readonly object: MoRef;
  readonly traversals?: readonly VimObject[];
}

/** What one property collector call reads. */
export interface Selection {
  readonly sets: readonly PropertySet[];
  readonly starts: readonly Start[];
}

/** What is needed to read properties. */
export type PropertySource = Pick<VimConnection, 'call'>;

/** Reads properties of many objects; every page of them. Throws a fault when a start does not exist. */
export async function retrieve(
  connection: PropertySource,
  selections: readonly Selection[],
  signal: AbortSignal,
): Promise<readonly ObjectProperties[]> {
  const objects: ObjectProperties[] = [];
  for await (const page of retrievePages(connection, selections, signal)) objects.push(...page);
  return objects;
}

/** How more objects are read than shall be in memory at once. */
export interface PageOptions {
  /** Objects in one answer at most. */
  readonly perPage?: number;
  readonly neededFields?: NeededFields;
}

/** Reads properties of many objects page by page. */
export async function* retrievePages(
  connection: PropertySource,
  selections: readonly Selection[],
  signal: AbortSignal,
  { perPage = PAGE, neededFields }: PageOptions = {},
): AsyncGenerator<readonly ObjectProperties[]> {
  const parameters = { specSet: selections.map(filterSpec), options: { maxObjects: perPage } };
  const on = 'propertyCollector';
  const needed = neededFields && { neededFields };
  let page = await connection.call(
    { method: 'RetrievePropertiesEx', on, parameters, ...needed },
    signal,
  );
  for (;;) {
    yield objectsOf(objectOf(page)['objects']).map(readObject);
    const token = textOf(objectOf(page)['token']);
    if (token === '') return;
    page = await connection.call(
      // The token is the session's: in a new one the reading starts again.
      {
        ...{ method: 'ContinueRetrievePropertiesEx', on, parameters: { token } },
        ...{ anySession: false, ...needed },
      },
      signal,
    );
  }
}

/** Reads properties of one object. Throws when it does not exist or the account may not read one of them. */
export async function readProperties(
  connection: VimConnection,
  object: MoRef,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Properties> {
  const selection = { sets: [{ type: object.type, paths }], starts: [{ object }] };
  const [read] = await retrieve(connection, [selection], signal);
  for (const fault of read?.refused.values() ?? []) {
    if (fault.is('NoPermission')) throw connection.faultMeaning(fault);
  }
  return read?.properties ?? {};
}

/** A selection as the property collector takes it. */
export function filterSpec({ sets, starts }: Selection): VimObject {
  return {
    propSet: sets.map(({ type, paths }) => ({ type, all: false, pathSet: [...paths] })),
    objectSet: starts.map(({ object, traversals = [] }) => ({
      obj: object,
      skip: false,
      selectSet: [...traversals],
    })),
  };
}

function readObject(content: VimObject): ObjectProperties {
  const object = moRefOf(content['obj']) ?? new MoRef('', '');
  const properties: Record<string, VimValue | undefined> = {};
  for (const property of objectsOf(content['propSet'])) {
    properties[textOf(property['name'])] = property['val'];
  }
  const refused = new Map<string, VimFault>();
  for (const missing of objectsOf(content['missingSet'])) {
    refused.set(textOf(missing['path']), readLocalizedFault(missing['fault']));
  }
  return { object, properties, refused };
}

/** A fault as properties carry it: the error of a task, or why a property is missing. */
export function readLocalizedFault(value: VimValue | undefined): VimFault {
  const { fault, localizedMessage } = objectOf(value);
  const detail = objectOf(fault);
  return new VimFault(detail.$type ?? 'Unknown', textOf(localizedMessage), detail);
}
