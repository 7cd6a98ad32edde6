// The wire as JSON Schema 2020-12, made from src/protocol/methods.ts.

import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { methods } from '../src/protocol/methods.js';

/** The text of each file of schema/ by its name. */
export function schemaFiles(): Map<string, string> {
  return new Map(
    Object.entries(methods).map(([method, { params, result }]) => {
      const file = `${method.replaceAll('/', '.')}.json`;
      const schema = {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        title: method,
        description: `What a request of ${method} carries and what its answer does.`,
        $defs: { params: jsonSchemaOf(params), result: jsonSchemaOf(result) },
      };
      return [file, `${JSON.stringify(schema, undefined, 2)}\n`];
    }),
  );
}

/** The schema of what stands on the wire, where a chunk is base64. */
function jsonSchemaOf(schema: GenericSchema): object {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    typeMode: 'input',
    target: 'draft-2020-12',

    overrideAction({ valibotAction, jsonSchema }) {
      if (valibotAction.type === 'metadata') return { ...jsonSchema, contentEncoding: 'base64' };
      if (valibotAction.type !== 'safe_integer') return undefined;
      const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = jsonSchema;
      return { ...jsonSchema, type: 'integer', minimum, maximum };
    },
  });
  return rest;
}
