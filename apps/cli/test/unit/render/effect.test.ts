import type { FailedStep } from '@mig/core'
import { expect, test } from 'vitest'
import { renderEffect } from '../../../src/render/effect.ts'

type Effect = NonNullable<FailedStep['effect']>

test.each<[statement: number, effect: Effect | undefined, text: string]>([
  [3, undefined, 'up 2 may be partly in effect'],
  [1, { certain: 0, failed: 'not-in-effect' }, 'nothing of up 2 is in effect'],
  [2, { certain: 1, failed: 'not-in-effect' }, 'statement 1 of up 2 is in effect, the rest is not'],
  [
    3,
    { certain: 2, failed: 'not-in-effect' },
    'statements 1 and 2 of up 2 are in effect, the rest is not',
  ],
  [
    4,
    { certain: 3, failed: 'not-in-effect' },
    'statements 1 to 3 of up 2 are in effect, the rest is not',
  ],
  [1, { certain: 0, failed: 'perhaps' }, 'statement 1 of up 2 may be in effect, the rest is not'],
  [
    4,
    { certain: 3, failed: 'perhaps' },
    'statements 1 to 3 of up 2 are in effect, statement 4 may be in effect',
  ],
  [
    4,
    { certain: 1, open: 3, openFate: 'rolled-back', failed: 'not-in-effect' },
    'statement 1 of up 2 is in effect, statements 2 and 3 are rolled back, the rest is not',
  ],
  [
    2,
    { certain: 0, open: 1, openFate: 'as-far-as-committed', failed: 'not-in-effect' },
    'statement 1 of up 2 is in effect as far as committed, the rest is not',
  ],
  [
    1,
    { certain: 0, failed: 'perhaps-in-part', reason: 't is MyISAM' },
    'statement 1 of up 2 may be partly in effect (t is MyISAM), the rest is not',
  ],
])('at statement %i of 4, %j: %s', (statement, effect, text) => {
  expect(
    renderEffect({
      version: 2n,
      direction: 'up',
      title: 'x',
      statement,
      statements: 4,
      ...(effect === undefined ? {} : { effect }),
    }),
  ).toBe(text)
})
