import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { peekJws, Revocation } from '@entente/schema'
import { SetupError } from '../setup/setup-error.ts'

/**
 * Revocations that stand beside the roster, as their roots signed them: what is taken back does not wait for the next roster. Every line is
 * checked again where it is used. A file that cannot be read would have stolen keys believed again, so nothing starts on it.
 * @throws {SetupError} `REVOCATIONS_UNREADABLE`
 */
export function readHeard(path: string): readonly string[] {
  if (!existsSync(path)) return []
  const refuse = (why: string) =>
    new SetupError(
      'REVOCATIONS_UNREADABLE',
      `${path}: ${why}. It names keys that are believed no more: put it back from a backup; or move it away, and partners tell again what they know of`,
    )
  let input: unknown
  try {
    input = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
  if (Array.isArray(input) && input.every((seal) => typeof seal === 'string')) return input
  throw refuse('it is no list of revocations')
}

/**
 * Adds to the file, which is replaced whole or not at all. Of one key that which takes back most stays, so that the file is no longer
 * than the list of keys.
 * @param seals checked by whoever brings them
 * @throws {SetupError} `REVOCATIONS_UNREADABLE`
 */
export function noteHeard(path: string, seals: readonly string[]): void {
  const before = readHeard(path)
  const all = strongest([...before, ...seals])
  if (all.length === before.length && all.every((seal, i) => seal === before[i])) return
  writeFileSync(`${path}.new`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
}

/** Of each key the seal that takes back most, the first where two take back the same; what is no revocation stays as it is. */
function strongest(seals: readonly string[]): readonly string[] {
  const kept = new Map<string, { readonly seal: string; readonly lastGood: number }>()
  for (const seal of seals) {
    const said = revocationOrNull(seal)
    const name = said === null ? seal : JSON.stringify([said.nation, said.origin, said.key])
    const lastGood = said?.lastGood ?? -1
    const known = kept.get(name)
    if (known === undefined || lastGood < known.lastGood) kept.set(name, { seal, lastGood })
  }
  return [...kept.values()].map(({ seal }) => seal)
}

function revocationOrNull(seal: string): Revocation | null {
  try {
    return Revocation.parse(peekJws(seal).payload)
  } catch {
    return null
  }
}
