import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findingMeanings } from '@entente/audit'
import { expect, test } from 'vitest'

const page = readFileSync('docs/threat-model.md', 'utf8')
const named = new Set(
  [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+|ORIGINATOR|GENESIS)`/g)].map(([, code]) => code),
)

/** All that the packages are made of, tests aside. */
const source = readdirSync('packages', { recursive: true, encoding: 'utf8' })
  .filter((path) => /^[a-z]+\/src\/.*\.ts$/.test(path.replaceAll('\\', '/')))
  .map((path) => readFileSync(join('packages', path), 'utf8'))
  .join('\n')

test('every finding of an audit stands on the page: it is some lie’s', () => {
  expect(Object.keys(findingMeanings).filter((code) => !named.has(code))).toEqual([])
})

test('every code of the page is one that somebody can see', () => {
  expect(named.size).toBeGreaterThan(60)
  expect(
    [...named].filter(
      (code) => !source.includes(`'${code}'`) && !(String(code) in findingMeanings),
    ),
  ).toEqual([])
})

test('a vote that the page leaves to the auditor is one that an audit has a finding for', () => {
  const rows = page.split('\n').filter((row) => row.startsWith('|') && /\baudit(or)?\b/.test(row))
  const votes = rows.flatMap((row) => [...row.matchAll(/`(VOTE_[A-Z]+)`/g)].map(([, code]) => code))
  expect(votes.length).toBeGreaterThan(3)
  expect(votes.filter((code) => !(String(code) in findingMeanings))).toEqual([])
})
