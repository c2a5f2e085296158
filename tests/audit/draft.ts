import { createHash } from 'node:crypto'
import { canonicalJson, type Json, type Nation } from '@entente/schema'
import { readBundle } from '../support/audit-bundles.ts'

/** A line of one of the JSON Lines files. */
export type Line = Record<string, unknown>

/** A bundle while it can still be changed. */
export interface Draft {
  readonly nation: Nation
  readonly manifest: Line
  readonly rows: Record<string, Line[]>
  /** Files other than JSON Lines and the manifest. */
  readonly files: Map<string, Uint8Array>
}

/** Reads the bundle that a node has exported. */
export function readDraft(directory: string): Draft {
  const rows: Draft['rows'] = {}
  const files = new Map<string, Uint8Array>()
  for (const [path, bytes] of readBundle(directory))
    if (path.endsWith('.jsonl'))
      rows[path] = String(Buffer.from(bytes)).split('\n').filter(Boolean).map(parse)
    else files.set(path, bytes)
  const manifest = parse(String(files.get('manifest.json')))
  files.delete('manifest.json')
  return { nation: String(manifest['nation']), manifest, rows, files }
}
const parse = (text: string) => JSON.parse(text) as Line

export const copyDraft = ({ nation, manifest, rows, files }: Draft): Draft => ({
  nation,
  manifest: structuredClone(manifest),
  rows: structuredClone(rows),
  files: new Map(files),
})

/** Makes a bundle of a draft, with a manifest that says what is in it. */
export function pack({ manifest, rows, files }: Draft): Map<string, Uint8Array> {
  const out = new Map(files)
  for (const [path, lines] of Object.entries(rows))
    out.set(path, Buffer.from(lines.map((line) => `${canonicalJson(line as Json)}\n`).join('')))
  const hashes = [...out].map(([path, bytes]) => [path, sha256Hex(bytes)])
  const whole = { ...manifest, files: Object.fromEntries(hashes) } as Json
  return out.set('manifest.json', Buffer.from(`${canonicalJson(whole)}\n`))
}
const sha256Hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Rows of a file; a file that is not there is a mistake of the test. */
export function rowsOf({ rows, nation }: Draft, path: string): Line[] {
  const lines = rows[path]
  if (lines === undefined) throw new Error(`the bundle of ${nation} has no ${path}`)
  return lines
}
