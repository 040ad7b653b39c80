import { OpenAPIGenerator } from '@orpc/openapi';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import {
  articleSchema,
  decisionSchema,
  ERRORS,
  type ErrorCode,
  entryReplySchema,
  errorBodySchema,
  evaluationSchema,
  identificationSchema,
  memberGlanceSchema,
  posContract,
  textSchema,
  tillEventSchema,
} from '../contract/index.ts';
import { ERROR_FACTS } from './error-facts.ts';
import { ROUTES } from './routes.ts';
import { COMMON_ERRORS, needOf, PROCEDURES, TOKEN_ERRORS } from './scopes.ts';

/** Version of the POS API: additive changes raise the second number, and there is no third kind. */
export const API_VERSION = '1.0';

type Document = Awaited<ReturnType<OpenAPIGenerator['generate']>>;
type Operation = NonNullable<NonNullable<NonNullable<Document['paths']>[string]>['get']>;

const ERROR_REF = { $ref: '#/components/schemas/Error' } as const;

/** Read by the server itself, so the contract does not name it. */
const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'The `id` of the last event that was read; wins over `after`.',
  schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
} as const;

/**
 * The OpenAPI 3.1 document of the POS API, made from the contract. Each operation lists the failures it can answer
 * with, by status, and the scopes that let a caller in.
 */
export async function openApiDocument(): Promise<Document> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = await generator.generate(
    { pos: posContract },
    {
      info: {
        title: 'Tillside POS API',
        version: API_VERSION,
        description:
          'Local API of the member agent at this till. Loopback only. Money in minor units, times as ISO 8601. ' +
          'Pair once, then send the token as `Authorization: Bearer`. Every error is `{ code, message, hint, field?, data? }`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/v1' }],
      commonSchemas: {
        Text: { schema: textSchema, strategy: 'output' },
        Error: { schema: errorBodySchema, strategy: 'output' },
        Member: { schema: memberGlanceSchema, strategy: 'output' },
        Decision: { schema: decisionSchema, strategy: 'output' },
        Identification: { schema: identificationSchema, strategy: 'output' },
        Evaluation: { schema: evaluationSchema, strategy: 'output' },
        Entry: { schema: entryReplySchema, strategy: 'output' },
        Event: { schema: tillEventSchema, strategy: 'output' },
        Article: { schema: articleSchema, strategy: 'output' },
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  );
  for (const { procedure, method, path } of ROUTES) {
    const operation = document.paths?.[path]?.[method.toLowerCase() as 'get'];
    if (operation === undefined)
      throw new Error(`broken invariant: ${procedure} is missing from the OpenAPI document`);
    complete(operation, procedure);
  }
  return document;
}

function complete(operation: Operation, procedure: string): void {
  const need = needOf(procedure);
  operation.operationId = procedure.replace(/^pos\./, '');
  if (need === 'open') operation.security = [];
  else if (typeof need !== 'string')
    operation.description = `Scope: ${need.map((scope) => `\`${scope}\``).join(' or ')}.`;
  if (procedure === 'pos.events')
    operation.parameters = [...(operation.parameters ?? []), LAST_EVENT_ID];
  const codes = [
    ...COMMON_ERRORS,
    ...(need === 'open' ? [] : TOKEN_ERRORS),
    ...(PROCEDURES[procedure]?.errors ?? []),
  ];
  const byStatus = Map.groupBy(new Set(codes), (code) => ERRORS[code].status);
  operation.responses ??= {};
  for (const status of [...byStatus.keys()].sort((a, b) => a - b)) {
    operation.responses[String(status)] = {
      description: (byStatus.get(status) ?? []).map(explain).join('\n'),
      ...(status === 429
        ? {
            headers: {
              'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } },
            },
          }
        : {}),
      content: { 'application/json': { schema: ERROR_REF } },
    };
  }
}

function explain(code: ErrorCode): string {
  const facts = ERROR_FACTS[code];
  const { message, hint } = ERRORS[code];
  return `- \`${code}\`: ${message.en}. ${hint.en}.${facts === undefined ? '' : ` ${facts}.`}`;
}
