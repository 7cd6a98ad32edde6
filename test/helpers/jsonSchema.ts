// As much of JSON Schema 2020-12 as schema/*.json uses, so that the files are checked by something that did not make them.

type Schema = Readonly<Record<string, unknown>>;

/** What is wrong with `value`, as paths with words; empty when it fits. @throws for a keyword that is not known here */
export function schemaProblems(schema: Schema, value: unknown, path = '$'): string[] {
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    const check = keywords[keyword];
    if (check === undefined) throw new Error(`${path}: the keyword ${keyword} is not known`);
    return check(argument as never, value, path, schema);
  });
}

type Check = (argument: never, value: unknown, path: string, schema: Schema) => string[];

const keywords: Readonly<Record<string, Check>> = {
  type: (type: string, value, path) => (typeOf(value, type) ? [] : [`${path} is not of type ${type}`]),
  properties: (properties: Record<string, Schema>, value, path) =>
    isObject(value)
      ? Object.entries(properties).flatMap(([name, schema]) =>
          Object.hasOwn(value, name) ? schemaProblems(schema, value[name], `${path}.${name}`) : [],
        )
      : [],
  required: (names: string[], value, path) =>
    isObject(value) ? names.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path} has no ${name}`) : [],
  items: (schema: Schema, value, path) =>
    Array.isArray(value) ? value.flatMap((item, index) => schemaProblems(schema, item, `${path}[${index}]`)) : [],
  additionalProperties: (schema: Schema, value, path, { properties = {} }) =>
    isObject(value)
      ? Object.keys(value)
          .filter((name) => !Object.hasOwn(properties as object, name))
          .flatMap((name) => schemaProblems(schema, value[name], `${path}.${name}`))
      : [],
  propertyNames: () => [],
  anyOf: (schemas: Schema[], value, path) =>
    schemas.some((schema) => schemaProblems(schema, value, path).length === 0) ? [] : [`${path} fits nothing of anyOf`],
  const: (constant: unknown, value, path) => (value === constant ? [] : [`${path} is not ${constant}`]),
  enum: (values: unknown[], value, path) => (values.includes(value) ? [] : [`${path} is none of ${values}`]),
  minimum: (minimum: number, value, path) => (Number(value) >= minimum ? [] : [`${path} is below ${minimum}`]),
  maximum: (maximum: number, value, path) => (Number(value) <= maximum ? [] : [`${path} is above ${maximum}`]),
  contentEncoding: (_encoding: string, value, path) =>
    Buffer.from(String(value), 'base64').toString('base64') === value ? [] : [`${path} is not base64`],
  default: () => [],
  title: () => [],
};

function typeOf(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);

  return type === 'object' ? isObject(value) : typeof value === type;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
