import { existsSync, readFileSync } from 'node:fs'
import { afterAll, describe, test } from 'vitest'

const folder = new URL('../../../../../shared/vectors/labels/', import.meta.url)
const present = existsSync(folder)

/** One file of the shared label vectors, as text. */
export const labelVector = (path: string): string => readFileSync(new URL(path, folder), 'utf8')

/**
 * Tests that run the vectors of one source, and a printed count of those that ran. Where the folder is absent nothing is
 * collected and the number skipped is printed.
 * @param define defines tests, each of which calls `ran` once a vector has held
 */
export function describeVectors(
  source: string,
  expected: number,
  define: (ran: () => void) => void,
): void {
  if (!present) {
    process.stdout.write(`vectors ${source}: ${expected} skipped, no ../shared\n`)
    test.skip(`vectors of ${source}`, () => {})
    return
  }
  describe(`vectors of ${source}`, () => {
    let count = 0
    define(() => count++)
    afterAll(() => {
      process.stdout.write(`vectors ${source}: ${count} of ${expected} ran\n`)
    })
  })
}
