import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkPolicy } from '../src/check.ts'
import { PolicyDocument } from '../src/document.ts'

const folder = new URL('../../../examples/policies/', import.meta.url)
const files = readdirSync(folder).sort()
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'))

test('five nations have an example policy', () => {
  expect(files).toEqual(['AUS.json', 'CAN.json', 'GBR.json', 'NOR.json', 'USA.json'])
})

test.each(files)('%s may be signed, and says first that it is an exercise', (file) => {
  const input = read(file)
  expect(checkPolicy(input)).toEqual([])
  expect(Object.keys(input as object)[0]).toBe('exercise')
})

test('no two of them have the same rules', () => {
  const rules = files.map((file) => JSON.stringify(PolicyDocument.parse(read(file)).rules))
  expect(new Set(rules).size).toBe(5)
})
