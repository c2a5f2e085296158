import { armour, openArmour } from '@entente/schema'
import { expect, test } from 'vitest'
import { drawParts, qrParts } from '../src/pairing/parts.ts'
import { joinParts } from '../src/pairing/read-pairing.ts'

const value = { text: 'entente '.repeat(300) }
const text = armour('INVITATION', value)

test('codes that were scanned in any order, with a line too many, are the invitation again', () => {
  const parts = qrParts(text)
  expect(parts.length).toBeGreaterThan(2)
  const scanned = [...parts].reverse().join('\n')
  expect(openArmour('INVITATION', joinParts(`${scanned}\n${parts[0]}`))).toEqual(value)
  const drawn = drawParts(parts)
  expect(drawn).toContain(`Code 1 of ${parts.length}`)
  // As wide as a large terminal.
  expect(Math.max(...drawn.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110)
})

test('a code that is missing is named, one of another invitation or read wrongly is refused', () => {
  const [first = '', ...rest] = qrParts(text)
  expect(() => joinParts(rest.join('\n'))).toThrow('missing: 1')
  const [other = ''] = qrParts(armour('INVITATION', { text: 'other' }))
  expect(() => joinParts([first, other].join('\n'))).toThrow('not all of one invitation')
  const wrong = `${first.slice(0, -1)}${first.endsWith('A') ? 'B' : 'A'}`
  expect(() => joinParts([wrong, ...rest].join('\n'))).toThrow('read wrongly')
})

test('an invitation of a whole coalition is no series of codes', () => {
  expect(() => qrParts(armour('INVITATION', { text: 'x'.repeat(20_000) }))).toThrow(
    expect.objectContaining({ code: 'QR_TOO_LARGE' }),
  )
})
