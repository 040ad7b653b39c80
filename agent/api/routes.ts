import { posContract } from '../contract/index.ts';
import { needOf } from './scopes.ts';

/** A procedure of the POS API at its HTTP address. */
export interface Route {
  /** Dotted name as in the contract, e.g. `pos.baskets.evaluate`. */
  readonly procedure: string;
  readonly method: string;
  /** Path under `/v1` with its parameters in braces. */
  readonly path: string;
  readonly open: boolean;
}

interface RouteInfo {
  readonly '~orpc': { readonly route: { readonly method?: string; readonly path?: string } };
}

/** Every HTTP route, as the contract declares it. */
export const ROUTES: readonly Route[] = collect(posContract, ['pos']);

const PATTERNS = ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^/v1${route.path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`),
}));

function collect(node: object, name: readonly string[]): Route[] {
  if ('~orpc' in node) {
    const { method, path } = (node as RouteInfo)['~orpc'].route;
    if (method === undefined || path === undefined)
      throw new Error(`broken invariant: ${name.join('.')} has no HTTP route`);
    const procedure = name.join('.');
    return [{ procedure, method, path, open: needOf(procedure) === 'open' }];
  }
  return Object.entries(node).flatMap(([key, child]) => collect(child as object, [...name, key]));
}

/** The routes at a path, whatever the method. */
export function routesAt(path: string): readonly Route[] {
  return PATTERNS.filter(({ pattern }) => pattern.test(path)).map(({ route }) => route);
}
