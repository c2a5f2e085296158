import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { hasVectors, vectorFiles } from './vectors.ts'

/** Which test runs which vectors, by where the files lie. */
const runners: readonly (readonly [place: string, test: string])[] = [
  ['merkle/', 'merkle-vectors.test.ts'],
  ['note/', 'note-vectors.test.ts'],
  ['policy/', 'policy-vectors.test.ts'],
  ['proof/', 'proof-vectors.test.ts'],
  ['tessera-log/', 'tessera-vectors.test.ts'],
  ['witness/', 'witness-vectors.test.ts'],
  ['wycheproof/', 'wycheproof-vectors.test.ts'],
]

test('every file of the vectors made by others is run by some test', () => {
  if (!hasVectors) {
    process.stdout.write('vectors: all skipped, no shared folder\n')
    return
  }
  const here = fileURLToPath(new URL('.', import.meta.url))
  const source = new Map(
    readdirSync(here).map((name) => [name, readFileSync(`${here}${name}`, 'utf8')]),
  )
  const files = vectorFiles('')
  const left = files.filter((file) => {
    const runner = runners.find(([place]) => file.startsWith(place))
    const text = source.get(runner?.[1] ?? '') ?? ''
    // Named by itself, or as one of all files below a folder.
    const folders = file.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))
    return !text.includes(`'${file}'`) && !folders.some((f) => text.includes(`vectorFiles('${f}')`))
  })
  expect(left).toEqual([])
  process.stdout.write(`vectors: ${files.length} of ${files.length} files are run\n`)
})
