import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Our packages, each with the packages it may import. Every arrow points down. */
const layers: Record<string, readonly string[]> = {
  schema: [],
  tlog: [],
  policy: ['schema'],
  audit: ['policy', 'schema', 'tlog'],
  node: ['policy', 'schema', 'tlog'],
  cli: ['audit', 'node', 'policy', 'schema', 'tlog'],
}

test('every package has a layer', () => {
  expect(Object.keys(layers)).toEqual(expect.arrayContaining(readdirSync('packages')))
})

test.each(Object.entries(layers))('%s imports only the layers below it', (name, below) => {
  const { dependencies = {} } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'))
  const ours = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@entente/'))
  expect(below.map((layer) => `@entente/${layer}`)).toEqual(expect.arrayContaining(ours))
})
