import { type RootSuccession, sealSuccession } from '@entente/schema'
import { expect, test } from 'vitest'
import { verifyBundles } from '../src/index.ts'
import { append, publish, revoke, row } from './bundle-builder.ts'
import { platformVerify, type TestKey, testKey } from './keys.ts'
import { bundlesOf, type Told, tell } from './story.ts'

// The auditor holds a roster from before: it names the old root of the USA, which has named another since.
const next = testKey(new Uint8Array(32).fill(91))
const thief = testKey(new Uint8Array(32).fill(92))

/** The USA logs a word of its new root, and shows these successions. */
function audit(shown: (told: Told) => readonly (readonly [RootSuccession, TestKey, TestKey])[]) {
  const told = tell({
    late: (story) => {
      const { federation, usa } = story
      for (const [word, old, by] of shown(story))
        row(usa, 'root-successions.jsonl', {
          nation: 'USA',
          ...sealSuccession(word, old.sign, by.sign),
        })
      const seal = revoke({ ...usa, keys: { ...usa.keys, root: next } }, { key: thief.base64url })
      append(federation, usa, 'key', { action: 'revoke', seal })
      publish(federation, usa)
    },
  })
  const { findings, remarks } = verifyBundles(bundlesOf(told), {
    roster: told.federation.roster,
    verify: platformVerify,
    atMs: told.federation.now + 60_000,
  })
  return { codes: [...new Set(findings.map((one) => `${one.nation} ${one.code}`))], remarks }
}

const word = ({ usa }: Told, change: Partial<RootSuccession> = {}): RootSuccession => ({
  nation: 'USA',
  from: usa.keys.root.base64url,
  to: next.base64url,
  at: Date.UTC(2026, 0, 1),
  reason: 'ten years old',
  ...change,
})

test('an auditor who trusts the old root follows it to the new one, and the report names both', () => {
  const { codes, remarks } = audit((told) => [[word(told), told.usa.keys.root, next]])
  expect(codes).toEqual([])
  expect(remarks.find((one) => one.startsWith('USA: root'))).toMatch(
    new RegExp(`gave its place to ${next.base64url} on 2026-01-01 .*does not say yet`),
  )
})

test('a chain of two is followed, in whatever order it is shown', () => {
  const between = testKey(new Uint8Array(32).fill(93))
  const { codes, remarks } = audit((told) => [
    [word(told, { from: between.base64url }), between, next],
    [word(told, { to: between.base64url }), told.usa.keys.root, between],
  ])
  expect(codes).toEqual([])
  expect(remarks.filter((one) => one.startsWith('USA: root'))).toHaveLength(2)
})

test.each<[string, Parameters<typeof audit>[0], string[]]>([
  ['nothing is shown', () => [], ['USA KEY_CHANGE']],
  [
    'the old root has not signed',
    (told) => [[word(told), thief, next]],
    ['USA ROOT_SUCCESSION', 'USA KEY_CHANGE'],
  ],
  [
    'the new root has not signed',
    (told) => [[word(told), told.usa.keys.root, thief]],
    ['USA ROOT_SUCCESSION', 'USA KEY_CHANGE'],
  ],
  [
    'the root of another nation says it',
    (told) => [[word(told, { from: told.gbr.keys.root.base64url }), told.gbr.keys.root, next]],
    ['USA KEY_CHANGE'],
  ],
  [
    'a root that nobody trusts says it',
    (told) => [[word(told, { from: thief.base64url }), thief, next]],
    ['USA KEY_CHANGE'],
  ],
  [
    'the old root has named two',
    (told) => [
      [word(told), told.usa.keys.root, next],
      [word(told, { to: thief.base64url }), told.usa.keys.root, thief],
    ],
    ['USA ROOT_TWICE', 'USA KEY_CHANGE'],
  ],
  [
    'two roots name each other',
    (told) => [
      [word(told, { to: thief.base64url }), told.usa.keys.root, thief],
      [
        word(told, { from: thief.base64url, to: told.usa.keys.root.base64url }),
        thief,
        told.usa.keys.root,
      ],
    ],
    ['USA KEY_CHANGE'],
  ],
])('no root is taken from a bundle where %s', (_, shown, codes) => {
  expect(audit(shown).codes).toEqual(codes)
})
