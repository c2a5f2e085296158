import { expect, test } from 'vitest'
import { closePending, formatPendingKey, openPending } from '../src/feed/pending.ts'

const key = new Uint8Array(32).fill(7)
const content = { openings: [], bodies: [{ title: 'kestrel' }] }
const closed = closePending(JSON.stringify(content), 'statement', key)

test('what went ahead is opened by its key, for its statement, whole', () => {
  expect(openPending(closed, 'statement', formatPendingKey(key))).toEqual(content)
})

test('another key, another statement, or any other byte opens nothing', () => {
  const other = formatPendingKey(new Uint8Array(32).fill(8))
  expect(openPending(closed, 'statement', other)).toBeNull()
  expect(openPending(closed, 'another', formatPendingKey(key))).toBeNull()
  expect(openPending(closed, 'statement', 'short')).toBeNull()
  const bytes = Buffer.from(closed, 'base64url')
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes)
    changed[i] = (changed[i] ?? 0) ^ 1
    const text = changed.toString('base64url')
    expect(openPending(text, 'statement', formatPendingKey(key)), `byte ${i}`).toBeNull()
    const cut = bytes.subarray(0, i).toString('base64url')
    expect(openPending(cut, 'statement', formatPendingKey(key)), `cut at ${i}`).toBeNull()
  }
})
