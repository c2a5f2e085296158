import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// The numbered attack and fault cases of the release log: each is a test whose name begins with its number.
const cases = Array.from({ length: 52 }, (_, i) => i + 1)

function* testFiles(): Generator<string> {
  const roots = ['tests', ...readdirSync('packages').map((name) => join('packages', name, 'test'))]
  for (const root of roots)
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }))
      if (
        entry.isFile() &&
        entry.name.endsWith('.ts') &&
        !entry.parentPath.includes('node_modules')
      )
        yield join(entry.parentPath, entry.name)
}

const numbersIn = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, number]) => Number(number))

const texts = [...testFiles()].map((path) => readFileSync(path, 'utf8'))
const tested = new Set(texts.flatMap((text) => numbersIn(text, /['"`]case (\d+): /g)))

test('every numbered case is a test, and there are no others', () => {
  expect([...tested].sort((a, b) => a - b)).toEqual(cases)
})

// The leaks that users of like systems have reported, by their numbers in the survey of what these users met.
test('every numbered leak is a test', () => {
  const leaks = new Set(texts.flatMap((text) => numbersIn(text, /['"`]leak (\d+): /g)))
  expect([...leaks].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 12))
})
