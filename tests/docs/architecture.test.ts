import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pathsOf } from './markdown.ts'

const pages = ['README.md', 'ARCHITECTURE.md', 'STYLE.md', ...globSync('docs/**/*.md')]
const sources = globSync('packages/node/src/**/*.ts').map((path) => path.replaceAll('\\', '/'))

test.each(pages)('every file that %s names exists', (page) => {
  expect(pathsOf(page).filter((path) => !existsSync(path))).toEqual([])
})

test('ARCHITECTURE.md names a test for each of the ten invariants', () => {
  const rows = readFileSync('ARCHITECTURE.md', 'utf8').match(/^\| \d+ +\| .*$/gm) ?? []
  expect(rows.map((row) => /`[^`]+\.test\.ts`/.test(row))).toEqual(Array(10).fill(true))
})

test('ARCHITECTURE.md names every table of the database', () => {
  const text = readFileSync('ARCHITECTURE.md', 'utf8')
  const tables = sources.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/CREATE (?:VIRTUAL )?TABLE IF NOT EXISTS (\w+)/g)].map(
      ([, name = '']) => name,
    ),
  )
  expect(tables.length).toBeGreaterThan(20)
  expect(tables.filter((table) => !text.includes(`\`${table}\``))).toEqual([])
})

test.each<[what: string, writing: RegExp, owners: readonly string[]]>([
  ['foreign values into the view', /\.(?:putForeign|removeForeign)\(/, ['admit']],
  [
    'what partners have proven and what is held of them',
    /(?:INTO|UPDATE|DELETE FROM) (?:partner_checkpoint|partner_policy|feed_in|statement_in|held_in|hidden_in|quarantine)\b/,
    ['admit'],
  ],
  [
    'what was released',
    /(?:INTO|UPDATE|DELETE FROM) (?:entry_out|held|source_version|decision_inputs)\b/,
    ['release'],
  ],
  ['the log', /(?:INTO|UPDATE|DELETE FROM) (?:entry|node|statement|checkpoint|head)\b/, ['log']],
])('only its stage writes %s', (_, writing, owners) => {
  const writers = sources
    .filter((path) => writing.test(readFileSync(path, 'utf8')))
    .map((path) => path.split('/').at(-2))
  expect([...new Set(writers)]).toEqual([...owners])
})
