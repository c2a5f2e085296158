import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from 'vitest'

const folder = fileURLToPath(new URL('../../../../shared/vectors/tlog/', import.meta.url))

export const hasVectors = existsSync(folder)

/** Files below a folder of the vectors, as paths relative to all of them. */
export function vectorFiles(under: string): string[] {
  return readdirSync(join(folder, under), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .sort()
}

export function vectorBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, path)))
}

export function vectorText(path: string): string {
  return readFileSync(join(folder, path), 'utf8')
}

/** The file as JSON of the shape its source documents. */
export function vectorJson<Shape>(path: string): Shape {
  return JSON.parse(vectorText(path))
}

/**
 * Tests that run the vectors of one source, and a printed count of those that ran. Where the folder is absent nothing
 * is collected and the number skipped is printed.
 * @param define defines tests, each of which calls `ran` once a vector has held
 */
export function describeVectors(
  source: string,
  expected: number,
  define: (ran: () => void) => void,
): void {
  if (!hasVectors) {
    process.stdout.write(`vectors ${source}: ${expected} skipped, no shared folder\n`)
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
