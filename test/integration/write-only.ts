/** As much of an OpenAPI document as the search for secrets reads. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> };
}

interface Schema {
  readonly $ref?: string;
  readonly writeOnly?: boolean;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** A field of a request body. */
export interface BodyField {
  /** `POST /api/v1/credentials`, and the kind where the body has one. */
  readonly request: string;
  /** With dots; `*` stands for any name or number. */
  readonly path: string;
  readonly isWriteOnly: boolean;
}

/** Every field of every request body of the document. */
export function bodyFields(document: ApiDocument): BodyField[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { requestBody }]) =>
      Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
        fieldsOf(document, schema, { request: `${method.toUpperCase()} ${path}`, path: '' }, []),
      ),
    ),
  );
}

type Place = Pick<BodyField, 'request' | 'path'>;

function fieldsOf(
  document: ApiDocument,
  schema: Schema,
  place: Place,
  within: readonly Schema[],
): BodyField[] {
  const found = resolved(document, schema);
  if (within.includes(found)) {
    return []; // any JSON, which holds any JSON
  }
  const own = place.path === '' ? [] : [{ ...place, isWriteOnly: found.writeOnly === true }];
  return [
    ...own,
    ...partsOf(found, place).flatMap((part) =>
      fieldsOf(document, part.schema, part.place, [...within, found]),
    ),
  ];
}

/** What a schema is made of, one level down. */
function partsOf(schema: Schema, place: Place): { schema: Schema; place: Place }[] {
  const { oneOf = [], anyOf = [], allOf = [], properties = {} } = schema;
  const kind = properties['kind']?.const ?? properties['kind']?.enum?.[0];
  const request = typeof kind === 'string' ? `${place.request} ${kind}` : place.request;
  const below = (name: string) => ({ request, path: [place.path, name].filter(Boolean).join('.') });
  const rest = [schema.items, schema.additionalProperties].filter((one) => typeof one === 'object');
  return [
    ...[...oneOf, ...anyOf, ...allOf].map((one) => ({ schema: one, place })),
    ...Object.entries(properties).map(([name, one]) => ({ schema: one, place: below(name) })),
    ...rest.map((one) => ({ schema: one, place: below('*') })),
  ];
}

function resolved({ components }: ApiDocument, schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  const found = name === undefined ? schema : components.schemas[name];
  if (!found) {
    throw new Error(`The document has no schema ${schema.$ref}`);
  }
  return found;
}

/** Where in a body these values stand, as `bodyFields` names it. */
export function placesIn(body: unknown, values: ReadonlySet<unknown>, path = ''): string[] {
  if (values.has(body)) {
    return [path];
  }
  if (typeof body !== 'object' || body === null) {
    return [];
  }
  return Object.entries(body).flatMap(([name, part]) => {
    const step = Array.isArray(body) ? '*' : name;
    return placesIn(part, values, [path, step].filter(Boolean).join('.'));
  });
}
