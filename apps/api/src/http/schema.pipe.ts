import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { checked } from './checked';
import { invalid } from './refusal';

/** Checks every body, query and path parameter that names a schema; answers which fields are wrong. */
@Injectable()
export class SchemaPipe implements PipeTransform {
  async transform(value: unknown, { schema, type, data }: ArgumentMetadata): Promise<unknown> {
    if (!schema) {
      return value;
    }
    if (type === 'body' && value === undefined) {
      const message =
        'is missing or not JSON; send one JSON object, with the header Content-Type: application/json';
      throw invalid([{ path: '', message }]);
    }
    // A path parameter is a text of its own; in an answer it goes by its name.
    return checked(schema, value, data === undefined ? [] : [data]);
  }
}
