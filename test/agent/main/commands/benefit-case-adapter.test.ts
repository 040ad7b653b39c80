import { readFileSync } from 'node:fs';
import { parseAst } from 'rolldown/parseAst';
import { describe, expect, test } from 'vitest';

/** Everything between a case and the engine. */
const adapter = ['benefit-case-adapter.ts', 'benefit-case-rule.ts', 'benefit-case-codes.ts'];
const commands = new URL('../../../../agent/main/commands/', import.meta.url);

interface AstNode {
  readonly type: string;
  readonly operator?: string;
  readonly object?: AstNode;
  readonly name?: string;
}

/** Every place where the program computes with numbers, as short text. */
function arithmeticIn(source: string): string[] {
  const found: string[] = [];
  walk(parseAst(source, { lang: 'ts' }) as unknown as AstNode, found);
  return found;
}

const BINARY = new Set(['+', '-', '*', '/', '%', '**', '|', '&', '^', '<<', '>>', '>>>']);

function walk(node: unknown, found: string[]): void {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, found);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { type, operator = '', object } = node as AstNode;
  if (type === 'BinaryExpression' && BINARY.has(operator)) found.push(operator);
  if (type === 'UnaryExpression' && ['-', '+', '~'].includes(operator))
    found.push(`unary ${operator}`);
  if (type === 'UpdateExpression') found.push(operator);
  if (type === 'AssignmentExpression' && !['=', '??=', '||=', '&&='].includes(operator))
    found.push(operator);
  if (type === 'MemberExpression' && ['Math', 'BigInt'].includes(object?.name ?? ''))
    found.push(object?.name ?? '');
  for (const value of Object.values(node)) walk(value, found);
}

describe('the case adapter', () => {
  test.each(adapter)('contains no arithmetic in %s', (name) => {
    expect(arithmeticIn(readFileSync(new URL(name, commands), 'utf8'))).toEqual([]);
  });

  test('would be caught at any arithmetic', () => {
    const planted = [
      'const a = b + 1',
      'const a = b * c',
      'const a = -b',
      'a += 1',
      'a++',
      'Math.round(a)',
      'f(a ** b)',
    ];
    for (const source of planted) expect(arithmeticIn(source)).toHaveLength(1);
  });
});
