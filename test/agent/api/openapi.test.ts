import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../agent/api/openapi.ts';
import { ROUTES } from '../../../agent/api/routes.ts';
import { needOf, PROCEDURES } from '../../../agent/api/scopes.ts';
import { ERROR_CODES } from '../../../agent/contract/index.ts';

const document = await openApiDocument();
const operation = (path: string, method: string) =>
  document.paths?.[path]?.[method.toLowerCase() as 'get'];

describe('the OpenAPI document of the POS API', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(await new Validator().validate(JSON.parse(JSON.stringify(document)))).toMatchObject({
      valid: true,
    });
  });

  it('holds every route of the contract and no other', () => {
    const documented = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.keys(item ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
    expect(documented).toHaveLength(23);
  });

  it('names one error schema with every code, at every operation', () => {
    expect(document.components?.schemas?.['Error']).toMatchObject({
      properties: { code: { enum: ERROR_CODES } },
    });
    for (const { path, method } of ROUTES) {
      const errors = Object.entries(operation(path, method)?.responses ?? {}).filter(
        ([status]) => Number(status) >= 400,
      );
      expect(errors.length).toBeGreaterThan(5);
      for (const [, response] of errors) {
        expect(response).toMatchObject({
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        });
      }
    }
  });

  it('asks for a token at every route but the open ones', () => {
    expect(document.security).toEqual([{ token: [] }]);
    const open = ROUTES.filter(
      ({ path, method }) => operation(path, method)?.security !== undefined,
    ).map(({ procedure }) => procedure);
    expect(open).toEqual(['pos.status', 'pos.pairings.create']);
  });

  it('is the document of the repository, so that a change of the API is seen in review', async () => {
    // After a change that is meant: run this test with -u.
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot(
      '../../../docs/openapi.json',
    );
  });
});

describe('the table of procedures', () => {
  it('lists for evaluate what evaluate answers: a settled basket is evaluated again, a held one keeps its member', () => {
    const { errors } = PROCEDURES['pos.baskets.evaluate'] ?? { errors: [] };
    expect(errors).not.toContain('evaluation-committed');
    expect(errors).toContain('basket-held');
  });

  it('has one row for each procedure of the POS contract', () => {
    expect(Object.keys(PROCEDURES).sort()).toEqual(ROUTES.map(({ procedure }) => procedure).sort());
  });

  it('keeps what it does not list for the screens', () => {
    expect(needOf('pos.backdoor')).toBe('screen');
    expect(needOf('screen.staff.signIn')).toBe('screen');
  });
});
