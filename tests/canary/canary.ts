import { randomBytes, randomInt } from 'node:crypto'

const letters = 'abcdefghijklmnopqrstuvwxyz234567'

/** A word of 16 characters that stands nowhere else: one token for a text index, its first five bytes a letter each. */
export const newWord = (): string =>
  Array.from(randomBytes(16), (byte, i) => letters[i < 5 ? byte % 26 : byte % 32]).join('')

/** A number that stands nowhere else, with as many digits before the point as asked; no band has such an edge. */
export const newNumber = (digits = 4): string =>
  `${randomInt(10 ** (digits - 1), 10 ** digits)}.${randomInt(1_000_000, 10_000_000)}`

/** A group code that stands nowhere else. */
export const newGroup = (): string => `G${newWord().slice(0, 14).toUpperCase()}`
