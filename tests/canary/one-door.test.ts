import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const source = 'packages/node/src'
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(source, path), 'utf8') }))
const writes = (table: string) => new RegExp(`(INTO|UPDATE|DELETE FROM) ${table}\\b`)

/** What may be written by whom alone: the first column says what is meant, the last where it may stand. */
test.each<[what: string, word: RegExp, folder: RegExp]>([
  ['foreign values come into the view', /\.(put|remove)Foreign\(/, /^admit\//],
  ['foreign values are held', writes('held_in'), /^admit\//],
  ['foreign values are hidden', writes('hidden_in'), /^admit\//],
  ['statements of partners are stored', writes('statement_in'), /^admit\//],
  ['feeds of partners advance', writes('feed_in'), /^admit\//],
  ['policies of partners are believed', writes('partner_policy'), /^admit\//],
  ['checkpoints of partners are believed', writes('partner_checkpoint'), /^admit\//],
  // A layout of its tables that is older is brought to the present one, with what it says.
  ['the view is written', writes('view_(row|text)'), /^(view\/|layout\.ts$)/],
  ['bodies are laid out to be served', writes('entry_out'), /^release\//],
  ['leaves are appended', writes('(entry|node|statement)'), /^log\//],
])('only at one door: %s', (_, word, folder) => {
  const places = files.filter(({ text }) => word.test(text)).map(({ path }) => path)
  expect(places.length).toBeGreaterThan(0)
  expect(places.filter((path) => !folder.test(path))).toEqual([])
})
