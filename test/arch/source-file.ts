import { parseAst } from 'rolldown/parseAst';

/** One import of a file, whatever its form. */
export interface ImportOf {
  readonly specifier: string;
  /** `url` is a file named by `new URL('./x.ts', import.meta.url)`, such as a worker or a child process. */
  readonly kind: 'value' | 'type' | 'dynamic' | 'url';
}

/** What the rules need to know of one source file. */
export interface SourceFile {
  /** Path from the repository root, with forward slashes. */
  readonly path: string;
  readonly imports: readonly ImportOf[];
  /** Whether it does nothing but pass on exports of other files. */
  readonly isBarrel: boolean;
  /** Uses of the machine's clock or random source, as written. */
  readonly machineReads: readonly string[];
  /** Uses of the machine's timers or network, as written. */
  readonly machineWaits?: readonly string[];
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Reads the imports and the other facts of one file from its text. */
export function readSourceFile(path: string, text: string): SourceFile {
  const program = parseAst(text, { lang: path.endsWith('.tsx') ? 'tsx' : 'ts' }) as unknown as Node;
  const imports: ImportOf[] = [];
  const machineReads: string[] = [];
  const machineWaits: string[] = [];
  walk(program, (node) => {
    const found = importOf(node);
    if (found !== null) imports.push(found);
    const read = machineReadOf(node);
    if (read !== null) machineReads.push(read);
    const wait = machineWaitOf(node);
    if (wait !== null) machineWaits.push(wait);
  });
  const body = program['body'] as readonly Node[];
  return {
    path,
    imports,
    isBarrel: body.length > 0 && body.every(passesOn),
    machineReads,
    machineWaits,
  };
}

function importOf(node: Node): ImportOf | null {
  if (node.type === 'NewExpression') return urlOf(node);
  const specifier = literal(node['source']);
  const kind = kindOf(node);
  return specifier === null || kind === null ? null : { specifier, kind };
}

function kindOf(node: Node): ImportOf['kind'] | null {
  switch (node.type) {
    case 'ImportDeclaration':
      return isTypeOnly(node, 'importKind') ? 'type' : 'value';
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return isTypeOnly(node, 'exportKind') ? 'type' : 'value';
    case 'ImportExpression':
      return 'dynamic';
    case 'TSImportType':
      return 'type';
    default:
      return null;
  }
}

/** A statement is type-only when it says so, or when each of its names does. */
function isTypeOnly(node: Node, key: 'importKind' | 'exportKind'): boolean {
  if (node[key] === 'type') return true;
  const names = (node['specifiers'] ?? []) as readonly Node[];
  return names.length > 0 && names.every((name) => name[key] === 'type');
}

function urlOf(node: Node): ImportOf | null {
  const [first, second] = (node['arguments'] ?? []) as readonly Node[];
  const specifier = literal(first);
  const isUrl = (node['callee'] as Node)['name'] === 'URL' && second?.type === 'MemberExpression';
  return isUrl && specifier && /\.tsx?$/.test(specifier) ? { specifier, kind: 'url' } : null;
}

function machineReadOf(node: Node): string | null {
  if (node.type === 'MemberExpression') {
    const name = `${nameOf(node['object'])}.${nameOf(node['property'])}`;
    return ['Date.now', 'Math.random', 'performance.now'].includes(name) ? name : null;
  }
  const isDate = nameOf(node['callee']) === 'Date';
  if (node.type === 'CallExpression' && isDate) return 'Date()';
  const count = ((node['arguments'] ?? []) as readonly Node[]).length;
  return node.type === 'NewExpression' && isDate && count === 0 ? 'new Date()' : null;
}

function machineWaitOf(node: Node): string | null {
  if (node.type === 'ImportDeclaration') {
    const from = literal(node['source']);
    return from === 'node:timers' || from === 'node:timers/promises' ? from : null;
  }
  const name = nameOf(node['callee']);
  const waits = ['setTimeout', 'setInterval', 'setImmediate', 'fetch'];
  return node.type === 'CallExpression' && waits.includes(name) ? `${name}()` : null;
}

function passesOn(statement: Node): boolean {
  return statement.type.startsWith('Export') && literal(statement['source']) !== null;
}

function literal(node: unknown): string | null {
  const value = isNode(node) ? node['value'] : null;
  return typeof value === 'string' ? value : null;
}

function nameOf(node: unknown): string {
  return isNode(node) && typeof node['name'] === 'string' ? node['name'] : '';
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const child of Object.values(node)) {
    for (const one of Array.isArray(child) ? child : [child]) {
      if (isNode(one)) walk(one, visit);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}
