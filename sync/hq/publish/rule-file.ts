import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { RULE_FILE_MAX_BYTES } from '../../../agent/contract/rules.ts';
import { text as sentence } from '../../../agent/contract/text.ts';
import { REMEDIES } from './remedies.ts';
import type { RuleProblem } from './rule-problem.ts';

export type Path = readonly (string | number)[];
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A rule file as plain values, with the place of every value. */
export interface RuleFile {
  readonly value: unknown;
  /** Where the value (or, failing that, what holds it) stands. */
  readonly placeOf: (path: Path) => Place;
  /** Where a key of a map stands. */
  readonly placeOfKey: (path: Path, key: string) => Place;
  /** Where a character inside a text value stands. */
  readonly placeInText: (path: Path, offset: number) => Place;
}

/**
 * Reads YAML 1.2 (of which JSON is a part). Repeated keys, unknown tags and alias bombs are errors of the parser.
 * @param text content of the file
 */
export function readRuleFile(text: string): Result<RuleFile, RuleProblem[]> {
  if (Buffer.byteLength(text) > RULE_FILE_MAX_BYTES) {
    return err([
      problem(
        'file-too-large',
        { line: 1, column: 1 },
        '规则文件太大',
        `the file is larger than ${RULE_FILE_MAX_BYTES} bytes`,
      ),
    ]);
  }
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    version: '1.2',
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return err(
      faults.map((fault) =>
        problem('syntax', placeAt(fault.pos[0]), `文件格式错误：${fault.message}`, fault.message),
      ),
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return err([problem('syntax', { line: 1, column: 1 }, `文件格式错误：${message}`, message)]);
  }
  return ok({
    value,
    placeOf: (path) => placeAt(startOf(nodeAt(document, path))),
    placeOfKey: (path, key) => placeAt(keyStart(document, path, key)),
    placeInText: (path, offset) => placeAt(offsetInText(text, nodeAt(document, path), offset)),
  });
}

function problem(
  code: 'syntax' | 'file-too-large',
  place: Place,
  zhCN: string,
  en: string,
): RuleProblem {
  return { severity: 'error', code, ...place, message: sentence(zhCN, en), remedy: REMEDIES[code] };
}

/** The node at a path, or the nearest one above it. */
function nodeAt(document: Document, path: Path): Node | null {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (node !== null && typeof node === 'object') return node as Node;
  }
  return document.contents as Node | null;
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function keyStart(document: Document, path: Path, key: string): number {
  const map = path.length === 0 ? document.contents : nodeAt(document, path);
  if (!isMap(map)) return startOf(map as Node | null);
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
  return startOf((pair?.key ?? map) as Node);
}

/**
 * Offset in the file of a character of a text value. Exact where the value stands in the file as it is; in block
 * scalars line by line; elsewhere (escapes, folding) the start of the value.
 */
function offsetInText(source: string, node: Node | null, offset: number): number {
  const start = startOf(node);
  if (!isScalar(node) || typeof node.value !== 'string') return start;
  const written = source.slice(start, node.range?.[1] ?? start);
  const whole = written.indexOf(node.value);
  if (whole >= 0) return start + whole + Math.min(offset, node.value.length);
  const before = node.value.slice(0, offset);
  const lineIndex = before.split('\n').length - 1;
  const lineText = node.value.split('\n')[lineIndex] ?? '';
  const found = lineText === '' ? -1 : written.indexOf(lineText);
  return found < 0 ? start : start + found + (before.length - (before.lastIndexOf('\n') + 1));
}
