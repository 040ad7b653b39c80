import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from './read-sources.ts';

/** What a till may be given in place of a face, and the test of that name in each place that has to bear it. */
const BAD_INPUT: readonly (readonly [input: string, tests: readonly [string, string][]])[] = [
  [
    'two faces',
    [
      ['test/browser/face-capture.test.ts', 'Two faces: where two are before the camera'],
      ['test/drivers/face/face-pipeline.test.ts', 'two faces, no face, a grey frame: each is'],
    ],
  ],
  [
    'no face, a grey frame',
    [
      ['test/browser/face-capture.test.ts', 'No face, a grey frame: where there is none'],
      ['test/drivers/face/face-pipeline.test.ts', 'two faces, no face, a grey frame: each is'],
    ],
  ],
  [
    'a printed photo',
    [
      ['test/browser/face-capture.test.ts', 'A printed photo, a phone screen: a still fails'],
      ['test/drivers/face/challenge-photo.test.ts', 'A printed photo that is turned in the hand'],
    ],
  ],
  [
    'a phone screen',
    [['test/browser/face-capture.test.ts', 'A printed photo, a phone screen: a still fails']],
  ],
  [
    'the camera pulled mid-capture',
    [
      ['test/browser/face-capture.test.ts', 'The camera pulled mid-capture: says so, stops'],
      ['test/ui/app/face-capture/capture-camera.test.ts', 'The camera pulled mid-capture: stops'],
    ],
  ],
  [
    'NaN, zero, wrong-length and other-model descriptors',
    [
      ['test/drivers/face/face-pipeline.test.ts', 'NaN, zero, wrong-length and other-model'],
      ['test/agent/app/faces/enrol.test.ts', 'NaN, zero, wrong-length descriptors: %s make no'],
      ['test/agent/app/faces/enrol.test.ts', 'other-model descriptors make no template'],
      ['test/agent/main/face/gallery-client.test.ts', 'a NaN, zero or wrong-length probe'],
    ],
  ],
  [
    'a descriptor posted by a page without the capture scope',
    [
      [
        'test/agent/api/capture-scope.test.ts',
        'a descriptor posted by a page without the capture scope is refused',
      ],
    ],
  ],
  [
    'a template with a flipped bit',
    [['test/agent/app/faces/withdraw.test.ts', 'with a flipped bit is refused, the others go on']],
  ],
  [
    'consent withdrawn between match and decision',
    [
      ['test/agent/app/faces/withdraw.test.ts', 'consent withdrawn between match and decision'],
      ['test/agent/app/faces/verify.test.ts', 'consent withdrawn between match and decision'],
    ],
  ],
  [
    'a member merged, blocked or turned 14 meanwhile',
    [
      ['test/agent/app/faces/verify.test.ts', 'a member merged meanwhile'],
      ['test/agent/app/faces/verify.test.ts', 'a member blocked meanwhile'],
      ['test/agent/app/faces/withdraw.test.ts', 'a member who turned 14 meanwhile'],
    ],
  ],
  [
    'a model file missing or altered',
    [
      ['test/agent/main/face/open-model.test.ts', 'a model file missing or altered'],
      ['test/agent/main/face/configured-model.test.ts', 'A model file missing or altered'],
      ['test/drivers/face/face-pipeline.test.ts', 'A model file missing or altered is refused'],
      ['test/ui/app/face-capture/capture-camera.test.ts', 'A model file missing or altered: lets'],
    ],
  ],
  [
    'a manifest whose dimension or model id does not fit',
    [
      ['test/agent/main/face/open-model.test.ts', 'a manifest whose dimension or model id does'],
      ['test/agent/main/face/configured-model.test.ts', 'A manifest whose dimension or model id'],
      ['test/ui/app/face-capture/load-embedder.test.ts', 'A manifest whose model id does not fit'],
    ],
  ],
  [
    '100,000 templates',
    [
      ['test/agent/main/face/gallery-client.test.ts', '100,000 templates fit and are searched'],
      ['test/agent/main/face/full-till.test.ts', '100,000 templates: sealed in the store'],
      ['test/agent/domain/face/gallery.test.ts', '100,000 templates: the last one fits'],
      ['test/agent/app/faces/enrol.test.ts', '100,000 templates: one more is refused'],
    ],
  ],
];

/** Whether a test, or a case that its title is filled with, bears the name: text on a line of code, in quotation marks. */
function isNamed(source: string, title: string): boolean {
  return source.split('\n').some((line) => {
    const before = line.slice(0, Math.max(0, line.indexOf(title)));
    return line.includes(title) && /['"`]/.test(before) && !/^\s*(\/\/|\/?\*)/.test(line);
  });
}

describe('bad input of a face has a test of its name', () => {
  test.each(BAD_INPUT)('%s', (_input, tests) => {
    const missing = tests.filter(
      ([file, title]) => !isNamed(readFileSync(join(repositoryRoot, file), 'utf8'), title),
    );
    expect(missing).toEqual([]);
  });
});
