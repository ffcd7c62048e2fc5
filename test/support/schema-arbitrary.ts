import fc, { type Arbitrary } from 'fast-check';

/** A JSON Schema, as far as the service's OpenAPI document uses it. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
}

/** What nobody should send: any JSON, and text that has hurt programs before. */
export const hostile: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    'A\u0000B',
    '\ud800',
    '../../etc/passwd',
    "'; DROP TABLE events; --",
    '%00',
    '%ff',
    '__proto__',
    'csv:/etc/passwd',
    'sp500@2015-03-20',
    'sp500@9999-12-31',
    'sp500 - sp500',
    'NaN',
    '-1',
    '1e999',
    '2026-02-30',
    '0000-01-01',
    '9999-12-31',
    '2026-11-24T00:00:00Z',
    'x'.repeat(5000),
  ),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, -1, 0, 1.5, 1e308, null, true, [], {}),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Mostly what a schema asks for, now and then anything. */
export function fromSchema(schema: Schema): Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary: fitting(schema) }, { weight: 1, arbitrary: hostile });
}

function fitting(schema: Schema): Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(fromSchema));
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(fromSchema(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? -10, max: Math.min(schema.maximum ?? 1000, 1000) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return textOf(schema);
  }
}

function objectOf({ properties = {}, required = [] }: Schema): Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => [name, fromSchema(schema)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...required] });
}

function textOf({ format, pattern }: Schema): Arbitrary<string> {
  if (format === 'date')
    return fc
      .date({ min: new Date('1985-01-01'), max: new Date('2035-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
  if (pattern !== undefined && pattern.length < 100) return fc.stringMatching(new RegExp(pattern));
  return fc.oneof(
    fc.constantFrom('AAPL', 'sp500', 'dow30', 'mine', 'dow30 & sp500'),
    fc.string({ minLength: 1, maxLength: 20 }),
  );
}
