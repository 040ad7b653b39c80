import { assert, unreachable } from '../../contract/index.ts';
import { openSnapshotBuild, type SnapshotBuild } from './snapshot-build.ts';
import type { BuilderData, BuildReply, BuildRequest } from './worker-protocol.ts';

/** Does what one question asks for, and answers it; what is thrown is part of the answer. */
export type BuildAnswers = (request: BuildRequest) => BuildReply;

/** Builds a snapshot as it is asked to. */
export function createBuildAnswers({ dataDir, key }: BuilderData): BuildAnswers {
  let build: SnapshotBuild | undefined;

  function begun(): SnapshotBuild {
    assert(build !== undefined, 'a build is begun first');
    return build;
  }

  function answer(request: BuildRequest): BuildReply {
    switch (request.call) {
      case 'begin': {
        build?.close();
        build = undefined;
        const { call: _, start, ...about } = request;
        build = openSnapshotBuild({ dataDir, key, ...about }, start);
        return { value: build.progress() };
      }
      case 'segment':
        return { result: begun().segment(request.wanted, request.bytes) };
      case 'finish': {
        const result = begun().finish();
        build?.close();
        build = undefined;
        return { result };
      }
      case 'close':
        build?.close();
        build = undefined;
        return { value: null };
      default:
        return unreachable(request);
    }
  }

  return (request) => {
    try {
      return answer(request);
    } catch (error) {
      return { thrown: partsOf(error) };
    }
  };
}

function partsOf(error: unknown): Extract<BuildReply, { thrown: unknown }>['thrown'] {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const code = 'code' in error ? { code: String(error.code) } : {};
  return { name: error.name, message: error.message, ...code };
}
