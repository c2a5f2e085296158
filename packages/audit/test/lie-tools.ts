import type { FindingCode } from '../src/index.ts'
import {
  append,
  type BuiltNation,
  checkpointNote,
  hashText,
  type Line,
  row,
} from './bundle-builder.ts'
import { mk58, toNor } from './exercise-data.ts'
import type { Draft } from './export-bundle.ts'
import { testKey } from './keys.ts'
import type { Lies, Told } from './story.ts'

/** Leaves of the USA's log in the true story. */
export const FIRST_RELEASE = 2
export const SECOND_RELEASE = 3
export const AGAIN = 6
export const NARROW = 7

/** Changes one line of a bundle file. */
export const edit =
  (path: string, at: number, change: (line: Line) => Line) =>
  ({ rows }: Draft) => {
    const line = rows[path]?.[at]
    if (line === undefined) throw new RangeError(`${path} has no line ${at}`)
    Object.assign(line, change(line))
  }
export const without =
  (path: string, gone: (line: Line) => boolean) =>
  ({ rows }: Draft) => {
    const lines = rows[path] ?? []
    rows[path] = lines.filter((line) => !gone(line))
    if (rows[path].length === lines.length) throw new RangeError(`nothing to take out of ${path}`)
  }
export const flip = (path: string) => (draft: Draft) => {
  const bytes = Uint8Array.from(draft.files.get(path) ?? [])
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  draft.files.set(path, bytes)
}
export const usa = (lie: (draft: Draft) => void): Lies => ({ bundles: { USA: lie } })
export const gbr = (lie: (draft: Draft) => void): Lies => ({ bundles: { GBR: lie } })
/** Publishes the last checkpoint of the USA again, cosigned by others. */
export function republish({ federation, usa }: Told, witnesses: readonly string[]): void {
  setNote(usa, checkpointNote(federation, usa, 9, witnesses))
}
export function setNote(one: BuiltNation, note: string): void {
  one.note = note
  Object.assign(one.rows['checkpoints.jsonl']?.at(-1) ?? {}, { note })
}
/** A statement for leaf 8 of the USA's log that is not the one in it, as GBR holds it. */
export function holdOther({ federation, usa, gbr }: Told, keys: BuiltNation['keys']): void {
  const tree = { ...usa.tree, append: () => {} }
  const aside = { ...usa, keys, entries: usa.entries.slice(0, 8), rows: {}, tree }
  const { jws, salt } = append({ ...federation }, aside, 'pad', {})
  const line = { from: 'USA', index: 8, jws, salt: salt.toString('hex'), proof: 'none' }
  row(gbr, 'received.jsonl', line)
}
export const otherKey = testKey(new Uint8Array(hashText('administrator')))

/** What is told, the finding it must give, the nation it must be against, and how it is told. */
export type Lie = [lie: string, code: FindingCode, nation: string, lies: Lies]

export const norPut = { put: mk58, values: toNor('MK-58') }
