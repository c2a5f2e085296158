import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../../../shared/vectors/tlog/', import.meta.url))

/** False on a machine without the vectors that others made. */
export const hasVectors = existsSync(folder)

/** Files below a folder of the vectors, as paths relative to all of them. */
export function vectorFiles(under: string): string[] {
  if (!hasVectors) return []
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

/** Says how many vectors of a source were run, or that none was because the folder is absent. */
export function reportVectors(source: string, ran: number, expected: number): void {
  const line = hasVectors ? `${ran} of ${expected} ran` : `${expected} skipped, no shared folder`
  process.stdout.write(`vectors ${source}: ${line}\n`)
}
