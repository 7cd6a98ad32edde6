// The wire and the records of --json as JSON Schema 2020-12, made from src/protocol/methods.ts and src/cli/records/recordSchemas.ts.

import { toJsonSchema } from '@valibot/to-json-schema';
import { type GenericSchema, literal, object } from 'valibot';
import { recordSchemas } from '../src/cli/records/recordSchemas.js';
import { methods } from '../src/protocol/methods.js';

/** The text of each file of schema/ by its name. */
export function schemaFiles(): Map<string, string> {
  return new Map([...methodFiles(), ['records.json', recordsFile()]]);
}

/** One line of --json: a record of any type. */
function recordsFile(): string {
  const records = Object.entries(recordSchemas).map(([type, { entries }]) => ({
    title: type,
    ...jsonSchemaOf(object({ v: literal(1), type: literal(type), ...entries })),
  }));
  return fileText({ title: 'records', description: 'One line of --json or --report.', anyOf: records });
}

function methodFiles(): Map<string, string> {
  return new Map(
    Object.entries(methods).map(([method, { params, result }]) => {
      const file = `${method.replaceAll('/', '.')}.json`;
      const schema = {
        title: method,
        description: `What a request of ${method} carries and what its answer does.`,
        $defs: { params: jsonSchemaOf(params), result: jsonSchemaOf(result) },
      };
      return [file, fileText(schema)];
    }),
  );
}

function fileText(schema: object): string {
  return `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema }, undefined, 2)}\n`;
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
