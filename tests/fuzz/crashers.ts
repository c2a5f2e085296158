import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = 'tests/fuzz/crashers'
const folderOf = (target: string) =>
  join(root, target.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase())

/** Inputs that once broke a promise of this target. */
export function crashersOf(
  target: string,
): { readonly name: string; readonly input: Uint8Array }[] {
  const folder = folderOf(target)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, input: Uint8Array.from(readFileSync(join(folder, name))) }))
}

/** @returns the path of the new file */
export function saveCrasher(target: string, input: Uint8Array): string {
  const folder = folderOf(target)
  mkdirSync(folder, { recursive: true })
  const name = createHash('sha256').update(input).digest('hex').slice(0, 12)
  writeFileSync(join(folder, name), input)
  return join(folder, name)
}
